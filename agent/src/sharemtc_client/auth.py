"""How a request says who sends it. A client asks its `Auth` anew for every request that it sends, repeated or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sharemtc_client.messages import Reply


class Auth(Protocol):
    """What a client needs of the caller's credentials."""

    def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
        """The headers for one request; `content` is its body as sent, so that a signature can cover it."""
        ...

    def learn(self, reply: Reply) -> bool:
        """After a 401: whether new headers may fare better. Then the request is sent once more."""
        ...


class Bearer:
    """An access token or an API key, or a function that gives the present one."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
        token = self._token if isinstance(self._token, str) else self._token()
        return {"Authorization": f"Bearer {token}"}

    def learn(self, reply: Reply) -> bool:
        """Only a function can have another token by now."""
        return not isinstance(self._token, str)
