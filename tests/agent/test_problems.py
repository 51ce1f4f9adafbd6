"""Rejected parts of heartbeats: logged once, saved for `status`, cleared when accepted."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sharemtc.wire import HeartbeatProblem
from sharemtc_agent.problems import Problems, read_problems

GPU = HeartbeatProblem(pointer="/inventory/gpus/1/uuid", code="claimed", message="Another machine reported this GPU.")
POD = HeartbeatProblem(pointer="/workloads/0/id", code="string_pattern_mismatch", message="Not known.")


def test_a_problem_is_logged_when_it_comes_and_when_it_goes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    problems = Problems(tmp_path / "problems.json")
    problems.take((GPU, POD), described=True)
    problems.take((POD,), described=False)
    assert read_problems(tmp_path / "problems.json") == (GPU, POD), "the inventory's were not told again"
    assert problems.of_inventory
    problems.take((), described=False)
    problems.take((), described=True)
    assert not problems.of_inventory
    assert [record.message for record in caplog.records] == [
        "the platform rejected /inventory/gpus/1/uuid: Another machine reported this GPU.",
        "the platform rejected /workloads/0/id: Not known.",
        "the platform accepts /workloads/0/id again",
        "the platform accepts /inventory/gpus/1/uuid again",
    ]


def test_what_is_known_outlives_the_agent_and_damage_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "problems.json"
    Problems(file).take((GPU,), described=True)
    assert Problems(file).of_inventory
    file.write_text("[{")
    assert read_problems(file) == ()
