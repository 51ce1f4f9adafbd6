"""Functions against moto: every test gets fresh tables, a token secret and a clock that it sets itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.support import process
from tests.support.cloud import Cloud, running

from sharemtc import clock
from sharemtc.settings import settings


class Time:
    """The time that everything of ours goes by; it stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now_ms = clock.to_ms(start)

    def __call__(self) -> int:
        return self._now_ms

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now_ms += by // timedelta(milliseconds=1)


@pytest.fixture
def time() -> Iterator[Time]:
    """Time, from noon of a day."""
    hand = Time(datetime(2030, 1, 31, 12, tzinfo=UTC))
    with clock.set_for_test(now_ms=hand):
        yield hand


@pytest.fixture(scope="session")
def services() -> Iterator[Cloud]:
    """AWS, for all tests of this process."""
    with running() as cloud:
        yield cloud


@pytest.fixture(autouse=True)
def cloud(services: Cloud) -> Cloud:
    """Empty tables, a token secret, and a process that has just started."""
    services.reset()
    process.forget()
    return services


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a test sets in the environment ends with it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()
