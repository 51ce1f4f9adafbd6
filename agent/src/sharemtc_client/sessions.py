"""Requests and their answers, blocking and asyncio: signed, bounded in time, repeated where that can do no harm.

A request is repeated when it certainly never left, when the API says that nothing was done (429, a retryable 409), or
when doing it twice is doing it once: reads, deletions, replacements without `If-Match`, and everything that carries an
`Idempotency-Key`. An operation that takes such a key gets one from the session when the caller gives none. Pauses
double, with full jitter, and are never shorter than `Retry-After`; one beyond `longest_wait_s` is left to the caller.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self, overload

from sharemtc_client.auth import Auth
from sharemtc_client.calls import A, Call, Repetition, Reply, Request, read
from sharemtc_client.problems import ApiError, refused


class Transport(Protocol):
    """What carries requests to one API; `sharemtc_client.over_httpx` has the usual one."""

    def send(self, request: Request) -> Reply:
        """The reply. Errors: `ApiError`, `unreachable`."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...


class AsyncTransport(Protocol):
    """The same for asyncio."""

    async def send(self, request: Request) -> Reply:
        """The reply. Errors: `ApiError`, `unreachable`."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class Session:
    """Requests to one API for one caller, blocking. Safe to share between threads if its transport is."""

    def __init__(
        self,
        url: str,
        auth: Auth | None = None,
        *,
        repetition: Repetition | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if transport is None:
            from sharemtc_client.over_httpx import HttpxTransport

            transport = HttpxTransport(url)
        self.credentials = auth
        self._transport = transport
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
        self._transport.close()

    @overload
    def send(self, call: Call, answer: type[A]) -> A: ...
    @overload
    def send(self, call: Call, answer: None) -> None: ...
    def send(self, call: Call, answer: type[A] | None) -> A | None:
        """The answer. Errors: `ApiError`."""
        attempt, may_learn = 1, True
        while True:
            try:
                reply = self._transport.send(_request(self.credentials, call))
                if 200 <= reply.status < 300:
                    return read(reply, answer) if answer is not None else None
                problem = refused(reply)
                if may_learn and _learns(self.credentials, reply):
                    may_learn = False
                    continue
            except ApiError as error:
                if error.status:
                    raise
                problem = error
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
        transport: AsyncTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if transport is None:
            from sharemtc_client.over_httpx import AsyncHttpxTransport

            transport = AsyncHttpxTransport(url)
        self.credentials = auth
        self._transport = transport
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
        await self._transport.close()

    @overload
    async def send(self, call: Call, answer: type[A]) -> A: ...
    @overload
    async def send(self, call: Call, answer: None) -> None: ...
    async def send(self, call: Call, answer: type[A] | None) -> A | None:
        """The answer. Errors: `ApiError`."""
        attempt, may_learn = 1, True
        while True:
            try:
                reply = await self._transport.send(_request(self.credentials, call))
                if 200 <= reply.status < 300:
                    return read(reply, answer) if answer is not None else None
                problem = refused(reply)
                if may_learn and _learns(self.credentials, reply):
                    may_learn = False
                    continue
            except ApiError as error:
                if error.status:
                    raise
                problem = error
            pause_s = self._repetition.pause_s(problem, attempt, harmless=call.harmless)
            if pause_s is None:
                raise problem
            attempt += 1
            await self._sleep(pause_s)


def _request(auth: Auth | None, call: Call) -> Request:
    signed = auth.headers(call.method, call.path, call.content) if auth is not None else {}
    return Request(call.method, call.target, {**call.headers, **signed}, call.content)


def _learns(auth: Auth | None, reply: Reply) -> bool:
    return reply.status == 401 and auth is not None and auth.learn(reply)
