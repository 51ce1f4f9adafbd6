"""HTTP requests and responses as the domains see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sharemtc.problems import PreconditionFailed

T = TypeVar("T")


@dataclass(slots=True)
class Request:
    """Header names are in lower case, `body` is decoded from base64."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: bytes
    source_ip: str
    request_id: str

    def cookie(self, name: str) -> str | None:
        for part in self.headers.get("cookie", "").split(";"):
            key, found, value = part.strip().partition("=")
            if found and key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A result with response headers and cookies."""

    value: T
    headers: Mapping[str, str] | None = None
    cookies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions in the `If-Match` header; None when it is absent or `*`, so that any version matches."""

    versions: frozenset[str] | None = None

    def require(self, version: int) -> None:
        """Errors: `PreconditionFailed` when the stored `version` is not among them."""
        if self.versions is not None and str(version) not in self.versions:
            raise PreconditionFailed(f"The current version is {version}. Read it again, then retry.")
