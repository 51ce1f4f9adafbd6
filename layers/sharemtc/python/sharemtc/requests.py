"""One HTTP exchange as the domain sees it: the request that came in, and an answer that carries more than a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sharemtc.problems import PreconditionFailed

T = TypeVar("T")


@dataclass(slots=True)
class Request:
    """A request: names of headers are in lower case, `path` is as called, `body` is decoded bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: bytes
    source_ip: str
    request_id: str

    def cookie(self, name: str) -> str | None:
        """The value of a cookie, if it was sent."""
        for part in self.headers.get("cookie", "").split(";"):
            key, found, value = part.strip().partition("=")
            if found and key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A value with headers and cookies of its own."""

    value: T
    headers: Mapping[str, str] | None = None
    cookies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that the caller's `If-Match` names; None: it has no header, or `*`, and any version will do."""

    versions: frozenset[str] | None = None

    def demand(self, version: int) -> None:
        """Errors: `PreconditionFailed` when what is stored is at a version that the caller does not name."""
        if self.versions is not None and str(version) not in self.versions:
            raise PreconditionFailed(f"It is at version {version} now. Read it again, then decide.")
