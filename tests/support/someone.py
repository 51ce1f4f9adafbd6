"""Someone with an account, and what they send to /v1/auth."""

from __future__ import annotations

from typing import Any

from functions.auth.app import app
from tests.support.events import Answer, call

PASSWORD = "correct horse battery staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Someone:
    """A person who registered; `token` and `cookie` are those of the newest sign-in."""

    def __init__(self, email: str = "ada@example.org", password: str = PASSWORD, name: str = "Ada") -> None:
        self.email, self.password = email, password
        registered = self.send("POST", "register", {"email": email, "password": password, "name": name}, token=None)
        assert registered.status == 201, registered.text
        self.id = str(registered.json["user"]["id"])
        self._take(registered)

    def send(self, method: str, path: str, body: Any = None, **given: Any) -> Answer:
        """A request with the token in hand, unless another is given."""
        given.setdefault("token", getattr(self, "token", None))
        given.setdefault("headers", {"User-Agent": FIREFOX})
        return call(app, method, f"/v1/auth/{path}", body=body, **given)

    def sign_in(self, password: str | None = None, **given: Any) -> Answer:
        """Sign in; what comes with it is kept."""
        body = {"email": self.email, "password": password or self.password}
        answer = self.send("POST", "login", body, token=None, **given)
        if answer.status == 200:
            self._take(answer)
        return answer

    def refresh(self, cookie: str | None = None) -> Answer:
        """Refresh the session."""
        headers = {"Cookie": cookie or self.cookie}
        return self.send("POST", "refresh", token=None, headers=headers)

    def go_on(self) -> None:
        """Refresh, and keep what comes of it."""
        self._take(self.refresh())

    def events(self) -> list[str]:
        """The names of what the audit says, the oldest first."""
        return [item["event"] for item in self.send("GET", "audit?limit=200").json["items"]][::-1]

    def is_intact(self) -> bool:
        """Whether the audit is."""
        return bool(self.send("GET", "audit/verify").json["intact"])

    def _take(self, answer: Answer) -> None:
        self.token = str(answer.json["access_token"])
        self.cookie = f"sharemtc_refresh={answer.cookie('sharemtc_refresh')}"
