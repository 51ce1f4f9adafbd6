"""Functions against moto: every test gets fresh tables, a token secret and a clock that it sets itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.functions.tables import declared_tables

from sharemtc import access_tokens, clock
from sharemtc.hosts.liveness import heartbeat_batches, sweep
from sharemtc.http import rate_limits
from sharemtc.settings import settings
from sharemtc.storage import records

TOKEN_SECRET = "a-random-string-of-at-least-thirty-two-characters"


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


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    """Clients for the tables and secrets of a module's tests; making them is what takes long."""
    records.forget_connections()
    yield boto3.client("dynamodb"), boto3.client("secretsmanager")
    records.forget_connections()


@pytest.fixture(autouse=True)
def cloud(clients: tuple[Any, Any]) -> Iterator[None]:
    """Empty tables and a token secret."""
    tables, secrets = clients
    with mock_aws():
        access_tokens.forget_tokens()
        rate_limits.forget()
        heartbeat_batches.lend(heartbeat_batches.Ear())
        sweep.forget()
        for table in declared_tables():
            tables.create_table(**table)
        secrets.create_secret(Name="test-token-secret", SecretString=TOKEN_SECRET)
        yield


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a test sets in the environment ends with it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()
