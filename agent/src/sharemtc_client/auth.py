"""Authentication. A client asks its `Auth` for headers for every attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sharemtc_client.messages import Reply


class Auth(Protocol):
    def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
        """Headers for one request; `content` is its body as sent, so that a signature can cover it."""
        ...

    def learn(self, reply: Reply) -> bool:
        """After a 401: whether new headers may succeed. If so, the request is sent once more."""
        ...


class Bearer:
    """An access token or an API key, or a function that returns the current one."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
        token = self._token if isinstance(self._token, str) else self._token()
        return {"Authorization": f"Bearer {token}"}

    def learn(self, reply: Reply) -> bool:
        """Only a function can return another token."""
        return not isinstance(self._token, str)
