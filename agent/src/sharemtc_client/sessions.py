"""Requests and their answers, blocking and asyncio: signed, bounded in time, repeated where that can do no harm.

A request is repeated when it certainly never left, when the API says that nothing was done (429, a retryable 409), or
when doing it twice is doing it once: reads, deletions, replacements without `If-Match`, and everything that carries an
`Idempotency-Key`. An operation that takes such a key gets one from the session when the caller gives none. Pauses
double, with full jitter, and are never shorter than `Retry-After`; one beyond `longest_wait_s` is left to the caller.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar, overload
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from sharemtc_client.auth import Auth
from sharemtc_client.problems import BAD_ANSWER, ApiError, refused, unreachable

WORTH_GZIPPING_BYTES = 1024
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_NOTHING_DONE = frozenset({409, 429})

A = TypeVar("A", bound=BaseModel)


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
        self.content = (
            b"" if self.body is None else self.body.model_dump_json(by_alias=True, exclude_unset=True).encode()
        )
        if self.body is not None:
            self.headers["Content-Type"] = "application/json"
        if self.gzips and len(self.content) > WORTH_GZIPPING_BYTES:
            # without the time, so that the same body is the same bytes
            self.content = gzip.compress(self.content, compresslevel=6, mtime=0)
            # not as a Content-Encoding, which a gateway on the way may undo
            self.headers["Content-Type"] = "application/gzip"
        if self.keyed:
            self.headers["Idempotency-Key"] = self.idempotency_key or uuid.uuid4().hex
        if self.if_match is not None:
            self.headers["If-Match"] = f'"{self.if_match}"' if isinstance(self.if_match, int) else self.if_match

    @property
    def harmless(self) -> bool:
        """Whether doing it twice is doing it once."""
        return self.keyed or (self.method in _REPEATABLE and self.if_match is None)

    @property
    def parameters(self) -> dict[str, str]:
        """The query as it is sent: what is None is not."""
        return {name: _text(value) for name, value in (self.query or {}).items() if value is not None}


class Session:
    """Requests to one API for one caller, blocking. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        auth: Auth | None = None,
        *,
        repetition: Repetition | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.credentials = auth
        self.http = http or httpx.Client(timeout=TIMEOUT)
        self._url = url.rstrip("/")
        self._repetition = repetition or Repetition()
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self.http.close()

    @overload
    def send(self, call: Call, answer: type[A]) -> A: ...
    @overload
    def send(self, call: Call, answer: None) -> None: ...
    def send(self, call: Call, answer: type[A] | None) -> A | None:
        """The answer. Errors: `ApiError`."""
        attempt, may_learn = 1, True
        while True:
            try:
                response = self.http.request(**_request(self._url, self.credentials, call))
                problem = None if response.is_success else refused(response)
            except httpx.HTTPError as error:
                problem = unreachable(error)
            if problem is None:
                return _read(response, answer)
            if (
                problem.status == 401
                and may_learn
                and self.credentials is not None
                and self.credentials.learn(response)
            ):
                may_learn = False
                continue
            pause_s = self._repetition.pause_s(problem, attempt, harmless=call.harmless)
            if pause_s is None:
                raise problem
            attempt += 1
            self._sleep(pause_s)


class AsyncSession:
    """Requests to one API for one caller, for asyncio."""

    def __init__(
        self,
        url: str,
        auth: Auth | None = None,
        *,
        repetition: Repetition | None = None,
        http: httpx.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.credentials = auth
        self.http = http or httpx.AsyncClient(timeout=TIMEOUT)
        self._url = url.rstrip("/")
        self._repetition = repetition or Repetition()
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self.http.aclose()

    @overload
    async def send(self, call: Call, answer: type[A]) -> A: ...
    @overload
    async def send(self, call: Call, answer: None) -> None: ...
    async def send(self, call: Call, answer: type[A] | None) -> A | None:
        """The answer. Errors: `ApiError`."""
        attempt, may_learn = 1, True
        while True:
            try:
                response = await self.http.request(**_request(self._url, self.credentials, call))
                problem = None if response.is_success else refused(response)
            except httpx.HTTPError as error:
                problem = unreachable(error)
            if problem is None:
                return _read(response, answer)
            if (
                problem.status == 401
                and may_learn
                and self.credentials is not None
                and self.credentials.learn(response)
            ):
                may_learn = False
                continue
            pause_s = self._repetition.pause_s(problem, attempt, harmless=call.harmless)
            if pause_s is None:
                raise problem
            attempt += 1
            await self._sleep(pause_s)


def _request(url: str, auth: Auth | None, call: Call) -> dict[str, Any]:
    signed = auth.headers(call.method, call.path, call.content) if auth is not None else {}
    return {
        "method": call.method,
        "url": f"{url}{call.path}",
        "params": call.parameters or None,
        "content": call.content or None,
        "headers": {**call.headers, **signed},
    }


def _learns(auth: Auth | None, response: httpx.Response) -> bool:
    return auth is not None and auth.learn(response)


def _read(response: httpx.Response, answer: type[A] | None) -> A | None:
    if answer is None:
        return None
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        detail = f"{answer.__name__}: {where}: {first['msg']}"
        raise ApiError(
            BAD_ANSWER, detail, status=response.status_code, request_id=response.headers.get("X-Request-Id")
        ) from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def segment(value: str) -> str:
    """`value` as one segment of a path. Errors: `ValueError` for what would be another path."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} is no id")
    return quote(value, safe="")
