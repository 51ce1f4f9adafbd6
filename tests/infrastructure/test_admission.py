"""What the gateway does with more requests than the API can serve: it holds some and refuses the rest at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from infrastructure.local.cloud import EmbeddedCloud
from infrastructure.local.gateway import admission
from infrastructure.local.gateway.admission import Admission, Line, LineFull


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def settle() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


class Visitors:
    """Requests in a line, each served until it is let go."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.served: list[int] = []
        self.refused: list[int] = []
        self._let_go: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    async def come(self, *names: int) -> None:
        for name in names:
            self._let_go[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._visit(name))
            await settle()

    async def leave(self, *names: int) -> None:
        for name in names:
            self._let_go[name].set()
            await settle()

    async def _visit(self, name: int) -> None:
        try:
            async with self.line.place():
                self.served.append(name)
                await self._let_go[name].wait()
        except LineFull as full:
            self.refused.append(full.retry_after_s)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_who_waits_is_served_in_the_order_of_coming() -> None:
    async def story() -> None:
        visitors = Visitors(Line(2, Clock()))
        await visitors.come(1, 2, 3, 4)
        assert visitors.served == [1, 2]
        await visitors.leave(2)
        assert visitors.served == [1, 2, 3]
        await visitors.leave(1)
        assert visitors.served == [1, 2, 3, 4]
        await visitors.leave(3, 4)

    run(story())


def test_who_gives_up_leaves_the_line() -> None:
    async def story() -> None:
        visitors = Visitors(Line(1, Clock()))
        await visitors.come(1, 2, 3)
        visitors.tasks[2].cancel()
        await settle()
        await visitors.leave(1)
        assert visitors.served == [1, 3]
        await visitors.leave(3)

    run(story())


def test_a_full_line_refuses_at_once_and_gives_times_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MAX_WAITING", 3)
    monkeypatch.setattr(admission, "FIRST_GUESS_S", 0.5)

    async def story() -> None:
        visitors = Visitors(Line(1, Clock()))
        await visitors.come(1, 2, 3, 4)
        await visitors.come(*range(5, 13))
        # four are ahead, half a second each; those refused before come back before
        assert visitors.refused == [3, 3, 4, 4, 5, 5, 6, 6]
        await visitors.leave(1, 2, 3, 4)

    run(story())


def test_a_long_wait_is_refused_though_the_line_is_short() -> None:
    async def story() -> None:
        clock = Clock()
        visitors = Visitors(Line(1, clock))
        await visitors.come(*range(1, 30))
        for name in range(1, 25):
            clock.now_s += 8
            await visitors.leave(name)
        assert not visitors.refused
        await visitors.come(30)
        (asked_s,) = visitors.refused
        assert 30 < asked_s <= admission.MAX_RETRY_AFTER_S
        # the pace is that of a busy line: a pause in which nobody waits is not part of it
        await visitors.leave(*range(25, 30))
        clock.now_s += 3600
        await visitors.come(31, 32)
        assert visitors.served[-1] == 31
        await visitors.leave(31, 32)

    run(story())


def test_an_answer_that_is_overdue_counts_before_it_comes() -> None:
    async def story() -> None:
        clock = Clock()
        visitors = Visitors(Line(1, clock))
        await visitors.come(1, 2, 3)
        clock.now_s += 60
        await visitors.come(4)
        assert len(visitors.refused) == 1
        assert visitors.refused[0] > admission.MAX_WAIT_S
        await visitors.leave(1, 2, 3)

    run(story())


def test_nobody_is_told_to_come_back_later_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MAX_WAITING", 0)

    async def story() -> None:
        visitors = Visitors(Line(1, Clock()))
        await visitors.come(*range(2_000))
        assert max(visitors.refused) == admission.MAX_RETRY_AFTER_S
        await visitors.leave(0)

    run(story())


def test_every_known_group_has_a_line_of_its_own() -> None:
    lines = Admission({"resources", "agent"}, 4)
    assert lines.line("/v1/resources/vms") is lines.line("/v1/resources/events")
    assert lines.line("/v1/agent/heartbeat") is not lines.line("/v1/resources/vms")
    # what is made up gets no line, or callers could make as many as they like
    assert lines.line("/v1/a") is lines.line("/v1/b/c") is lines.line("/v1") is lines.line("/")


@pytest.mark.slow
def test_a_rush_is_refused_early_as_busy_and_never_as_a_restart(cloud: EmbeddedCloud) -> None:
    callers = 2 * admission.MAX_WAITING
    at_once = threading.Barrier(callers)

    def call(_: int) -> tuple[float, httpx.Response]:
        with httpx.Client(base_url=cloud.url, timeout=60) as client:
            at_once.wait()
            begun = time.perf_counter()
            answer = client.get("/v1/web/nap")
            return time.perf_counter() - begun, answer

    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(call, range(callers)))
    served = [taken_s for taken_s, answer in answers if answer.status_code == 200]
    refused = [(taken_s, answer) for taken_s, answer in answers if answer.status_code != 200]
    assert {(answer.status_code, answer.json()["code"]) for _, answer in refused} == {(503, "busy")}
    assert len(served) >= admission.MAX_WAITING
    assert all(answer.json()["retryable"] and int(answer.headers["Retry-After"]) >= 1 for _, answer in refused)
    assert max(taken_s for taken_s, _ in refused) < max(served)
