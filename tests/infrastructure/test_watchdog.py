"""A part that runs and does not answer is noticed, ended, and started again."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from infrastructure.local.launcher import Launcher
from infrastructure.local.options import Options
from infrastructure.local.processes import Child
from infrastructure.local.progress import Progress
from infrastructure.local.watchdog import MAX_FAILURES, Watchdog, ask_for_json
from tests.infrastructure.conftest import TEMPLATE, eventually
from tests.infrastructure.test_launcher import part, status_of


def test_only_failures_in_a_row_count() -> None:
    answers = iter([False, False, True, False, False, False])
    watchdog = Watchdog("part", lambda: next(answers))
    for _ in range(5):
        watchdog.ask()
        assert not watchdog.hung
    watchdog.ask()
    assert watchdog.hung
    watchdog.forgive()
    assert not watchdog.hung


def test_a_port_that_nobody_listens_on_does_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert ask_for_json(taken.getsockname()[1], "/health") is None


def test_a_hung_part_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    launcher = Launcher(Options(state_dir=tmp_path), Progress())
    child = Child("cloud", [sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path / "cloud.log")
    child.start()
    launcher._cloud = child
    launcher._end_hung()
    assert child.running
    launcher._watchdogs[0]._failures = MAX_FAILURES
    launcher._end_hung()
    assert not child.running
    assert "the cloud runs but does not answer; ending it" in capsys.readouterr().err
    assert not launcher._watchdogs[0].hung


@pytest.mark.slow
def test_a_stopped_cloud_comes_back(tmp_path: Path) -> None:
    with EmbeddedCloud(tmp_path / "state", template=TEMPLATE, module="tests.infrastructure.brisk_launcher") as cloud:
        os.kill(part(cloud, "emulator"), signal.SIGSTOP)
        eventually(lambda: "the cloud runs but does not answer" in cloud.said, "it is noticed", within_s=90)
        eventually(lambda: status_of(cloud) == "ok", "the cloud is back", within_s=60)
