"""Functions against moto: every test gets empty tables, a clock that it sets itself, and the people it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.support import process
from tests.support.clock import Time
from tests.support.cloud import Cloud, running
from tests.support.someone import Someone
from tests.support.world import Host, Person, World

from sharemtc import clock
from sharemtc.settings import settings


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


@pytest.fixture
def world(time: Time) -> World:
    return World.start(time)


@pytest.fixture
def provider(world: World) -> Person:
    return world.join("provider@example.com")


@pytest.fixture
def host(provider: Person) -> Host:
    """A host that has spoken once."""
    host = provider.add_host()
    assert host.heartbeat().status == 200
    return host


@pytest.fixture
def renter(world: World) -> Person:
    return world.join("renter@example.com")


@pytest.fixture
def ada(time: Time) -> Someone:
    return Someone()
