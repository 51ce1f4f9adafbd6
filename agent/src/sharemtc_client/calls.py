"""A call on its way: what is asked, the request that it becomes, the reply to it, and whether it may be sent again."""

from __future__ import annotations

import gzip
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from sharemtc_client.problems import BAD_ANSWER, ApiError

WORTH_GZIPPING_BYTES = 1024
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_NOTHING_DONE = frozenset({409, 429})

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: `target` is the path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status. Names of headers are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(slots=True)
class Call:
    """One call of an operation. `keyed`: it takes an `Idempotency-Key`; `gzips`: it takes a gzipped body."""

    method: str
    path: str
    body: BaseModel | None = None
    query: Mapping[str, Any] | None = None
    keyed: bool = False
    gzips: bool = False
    idempotency_key: str | None = None
    if_match: int | str | None = None
    content: bytes = field(init=False)
    headers: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.content = b""
        if self.body is not None:
            self.content = self.body.model_dump_json(by_alias=True, exclude_unset=True).encode()
            self.headers["Content-Type"] = "application/json"
        if self.gzips and len(self.content) > WORTH_GZIPPING_BYTES:
            # without the time, so that the same body is the same bytes
            self.content = gzip.compress(self.content, compresslevel=6, mtime=0)
            # not as a Content-Encoding, which a gateway on the way may undo
            self.headers["Content-Type"] = "application/gzip"
        if self.keyed:
            self.headers["Idempotency-Key"] = self.idempotency_key or secrets.token_hex(16)
        if self.if_match is not None:
            self.headers["If-Match"] = f'"{self.if_match}"' if isinstance(self.if_match, int) else self.if_match

    @property
    def harmless(self) -> bool:
        """Whether doing it twice is doing it once."""
        return self.keyed or (self.method in _REPEATABLE and self.if_match is None)

    @property
    def target(self) -> str:
        """The path with the query; what is None is not sent."""
        query = {name: _text(value) for name, value in (self.query or {}).items() if value is not None}
        return f"{self.path}?{urlencode(query)}" if query else self.path


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often a request is sent at most, and how long the pauses between are, in seconds."""

    attempts: int = 4
    first_pause_s: float = 0.25
    last_pause_s: float = 4.0
    longest_wait_s: float = 60.0

    def pause_s(self, problem: ApiError, attempt: int, *, harmless: bool) -> float | None:
        """How long to wait after attempt number `attempt`, from 1; None: the problem is the caller's."""
        nothing_done = not problem.was_sent or problem.status in _NOTHING_DONE
        if attempt >= self.attempts or not problem.retryable or not (harmless or nothing_done):
            return None
        asked_s = problem.retry_after_s or 0.0
        if asked_s > self.longest_wait_s:
            return None
        bound_s = min(self.last_pause_s, self.first_pause_s * 2 ** (attempt - 1))
        return max(asked_s, random.uniform(0, bound_s))  # noqa: S311 - spreading load is no secret


def read(reply: Reply, answer: type[A]) -> A:
    """The reply as `answer`. Errors: `ApiError`, `bad_answer`, naming the first thing that does not fit."""
    try:
        return answer.model_validate_json(reply.content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        detail = f"{answer.__name__}: {where}: {first['msg']}"
    raise ApiError(BAD_ANSWER, detail, status=reply.status, request_id=reply.headers.get("x-request-id"))


def segment(value: str) -> str:
    """`value` as one segment of a path. Errors: `ValueError` for what would be another path."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} is no id")
    return quote(value, safe="")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
