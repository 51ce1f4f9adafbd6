"""The blocking and the asyncio client, which differ only in how they send."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Protocol, Self, TypeVar

from sharemtc_client.attempts import Attempts, RetryPolicy
from sharemtc_client.auth import Auth
from sharemtc_client.calls import Call, Page
from sharemtc_client.messages import Reply, Request
from sharemtc_client.problems import ApiError

T = TypeVar("T")


class Transport(Protocol):
    """Sends requests to one API; `sharemtc_client.over_httpx` has the default."""

    def send(self, request: Request) -> Reply:
        """Errors: `ApiError`, `unreachable`."""
        ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The same for asyncio."""

    async def send(self, request: Request) -> Reply:
        """Errors: `ApiError`, `unreachable`."""
        ...

    async def close(self) -> None: ...


class Client:
    """Sends calls to one API for one caller, blocking. Thread-safe if its transport is."""

    def __init__(
        self,
        url: str,
        auth: Auth | None = None,
        *,
        retries: RetryPolicy | None = None,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if transport is None:
            from sharemtc_client.over_httpx import HttpxTransport

            transport = HttpxTransport(url)
        self._auth = auth
        self._transport = transport
        self._retries = retries or RetryPolicy()
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def send(self, call: Call[T]) -> T:
        """Errors: `ApiError`."""
        attempts = Attempts(call, self._auth, self._retries)
        while True:
            outcome: Reply | ApiError
            try:
                outcome = self._transport.send(attempts.request())
            except ApiError as error:
                outcome = error
            verdict = attempts.after(outcome)
            if isinstance(verdict, Reply):
                return call.read(verdict)
            if verdict:
                self._sleep(verdict)

    def iterate(self, call: Call[Page[T]]) -> Iterator[T]:
        """The items of a list; each page is fetched when the previous one is used up."""
        page = self.send(call)
        yield from page.items
        while page.next_cursor is not None:
            page = self.send(call.at(page.next_cursor))
            yield from page.items


class AsyncClient:
    """The same for asyncio."""

    def __init__(
        self,
        url: str,
        auth: Auth | None = None,
        *,
        retries: RetryPolicy | None = None,
        transport: AsyncTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if transport is None:
            from sharemtc_client.over_httpx import AsyncHttpxTransport

            transport = AsyncHttpxTransport(url)
        self._auth = auth
        self._transport = transport
        self._retries = retries or RetryPolicy()
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def send(self, call: Call[T]) -> T:
        """Errors: `ApiError`."""
        attempts = Attempts(call, self._auth, self._retries)
        while True:
            outcome: Reply | ApiError
            try:
                outcome = await self._transport.send(attempts.request())
            except ApiError as error:
                outcome = error
            verdict = attempts.after(outcome)
            if isinstance(verdict, Reply):
                return call.read(verdict)
            if verdict:
                await self._sleep(verdict)

    async def iterate(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        """The items of a list; each page is fetched when the previous one is used up."""
        page = await self.send(call)
        for item in page.items:
            yield item
        while page.next_cursor is not None:
            page = await self.send(call.at(page.next_cursor))
            for item in page.items:
                yield item
