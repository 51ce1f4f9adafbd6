"""Hosts that say anything, at any time, of anybody's workloads: no micro-dollar moves beyond what they proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.reliability.hostile_programs import run_programs

from sharemtc.settings import settings
from sharemtc.storage import records


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the programs set ends with them."""
    monkeypatch.setenv("UNVERIFIED_PROVIDER_HOSTS", "0")
    yield
    monkeypatch.undo()
    settings.cache_clear()
    records.forget_connections()


@pytest.mark.usefixtures("environment")
def test_random_hosts_move_no_money_beyond_their_proofs_and_free_no_slice_that_may_run() -> None:
    outcome = run_programs(range(120))
    # a run in which nothing was billed or refused would prove nothing
    assert outcome.windows > 60
    assert outcome.refused["invalid_request"] > 20
    assert outcome.refused["stale_sequence"] > 10
