"""Schedules of the template fire."""

from __future__ import annotations

from pathlib import Path

import pytest
from infrastructure.local.paths import StateFolder
from tests.infrastructure.conftest import BRISK, eventually, start_emulator


@pytest.mark.slow
def test_a_schedule_fires(tmp_path: Path) -> None:
    emulator = start_emulator(BRISK, tmp_path)
    log = StateFolder(tmp_path).function_logs / "Ticker.log"
    try:
        eventually(lambda: log.exists() and log.read_text().count("tick from aws.events") >= 2, "two of its minutes")
    finally:
        emulator.child.stop()
