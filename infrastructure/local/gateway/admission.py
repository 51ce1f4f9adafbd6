"""Admission control: under overload, requests are refused early with a time to retry.

Each group of the API (`/v1/resources`) has a number of workers; requests above it wait in order. A request that would
wait longer than `MAX_WAIT_S`, judged by recent response times, is refused at once. Refused requests get different retry
times, so that they do not return together. Groups have separate queues: many purchases do not delay heartbeats.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

MAX_WAIT_S = 10.0
# the estimate may be wrong: a request that has waited for so long is refused before its client gives up
MAX_STAY_S = 15.0
MAX_WAITING = 64
MAX_RETRY_AFTER_S = 60.0
# the time between two responses while requests wait: the initial guess; the number of responses that this guess
# counts as; and how many recent responses are averaged
FIRST_GUESS_S, GUESS_WEIGHT, LATEST = 0.1, 4, 16


class LineFull(Exception):
    """Too many requests are waiting. Retry after `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class Line:
    """The waiting and running requests of one group."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = asyncio.Semaphore(places)
        self._clock = clock
        self._waiting = 0
        self._guess_s = FIRST_GUESS_S
        self._answered_at: deque[float] = deque(maxlen=LATEST)
        self._promised_until = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Holds one of the places while the body runs. Raises LineFull."""
        if self._free.locked() and (self._waiting >= MAX_WAITING or self._wait_s() > MAX_WAIT_S):
            raise LineFull(self._retry_after_s())
        if not self._waiting:
            self._answered_at.clear()
            self._answered_at.append(self._clock())
        self._waiting += 1
        try:
            async with asyncio.timeout(MAX_STAY_S):
                await self._free.acquire()
        except TimeoutError:
            raise LineFull(self._retry_after_s()) from None
        finally:
            # without waiting requests the pace means nothing: a single request is served faster than many
            if self._waiting == 1:
                self._guess_s = self._pace_s()
            self._waiting -= 1
        try:
            yield
        finally:
            self._answered_at.append(self._clock())
            self._free.release()

    def _pace_s(self) -> float:
        """The time between two responses, at least the time since the last one."""
        if not self._waiting:
            return self._guess_s
        lasted_s = self._clock() - self._answered_at[0]
        return (GUESS_WEIGHT * self._guess_s + lasted_s) / (GUESS_WEIGHT + len(self._answered_at) - 1)

    def _wait_s(self) -> float:
        return (self._waiting + 1) * self._pace_s()

    def _retry_after_s(self) -> int:
        """When there will be room for this request, after all that were told to retry."""
        now = self._clock()
        last = now + MAX_RETRY_AFTER_S
        due = max(self._promised_until, now + self._wait_s()) + self._pace_s()
        self._promised_until = min(due, last)
        return max(1, math.ceil(self._promised_until - now))


class Admission:
    """A queue for each known group of the API, and one for everything else."""

    def __init__(self, groups: Iterable[str], workers: int) -> None:
        # one for each worker, so that forwarded requests do not wait again in the emulator
        self._lines = {group: Line(workers) for group in {*groups, ""}}

    def line(self, path: str) -> Line:
        """The queue of a path such as `/v1/resources/vms`."""
        parts = path.split("/", 3)
        return self._lines.get(parts[2] if len(parts) > 2 else "", self._lines[""])
