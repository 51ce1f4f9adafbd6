"""A small fleet on its own clock, its processes dying: failures are seen in time, and the living keep their place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.benchmarks.fleet import Outcome, Plan, Simulation


def simulate(**changes: float) -> Outcome:
    plan = Plan(hosts=120, minutes=3, warm_up_s=30, processes=2, failing=0.1)
    return Simulation(replace(plan, **changes)).run()  # type: ignore[arg-type]


class TestFleet:
    @pytest.mark.parametrize(("lives_s", "seed"), [(600, 1), (15, 2), (3, 3)])
    def test_sees_failures_and_evicts_none_of_the_living(self, lives_s: float, seed: int) -> None:
        outcome = simulate(process_lives_s=lives_s, seed=seed)
        assert (outcome.false_evictions, outcome.unseen_failures) == (0, 0)
        assert len(outcome.suspected_after_s) == 12
        assert outcome.suspected_percentile_s(99) <= 20
        assert outcome.calls["heartbeat", "Query"] == outcome.heartbeats, "one read for a heartbeat"

    def test_many_words_share_a_write(self) -> None:
        outcome = simulate(failing=0.01, process_lives_s=600)
        assert outcome.writes["heartbeat"] / outcome.heartbeats < 0.15
        assert outcome.calls["heartbeat", "PutItem"] > 0
