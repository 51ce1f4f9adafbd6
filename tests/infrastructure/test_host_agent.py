"""What the launcher makes of its agent's end."""

from __future__ import annotations

import sys
from pathlib import Path

from infrastructure.local import host_agent
from infrastructure.local.endpoints import Endpoints
from infrastructure.local.launcher import Launcher
from infrastructure.local.options import Options
from infrastructure.local.processes import Child
from infrastructure.local.progress import Progress
from tests.infrastructure.conftest import eventually

from sharemtc_agent.cli import Exit


def test_an_agent_whose_key_was_copied_is_not_started_again(tmp_path: Path) -> None:
    assert host_agent.KEY_COPIED_STATUS == Exit.KEY_COPIED
    launcher = Launcher(Options(state_dir=tmp_path), Progress())
    launcher.endpoints.write(Endpoints(8420, 1))
    argv = [sys.executable, "-c", f"raise SystemExit({host_agent.KEY_COPIED_STATUS})"]
    child = Child("agent", argv, {}, tmp_path / "agent.log")
    child.start()
    eventually(lambda: child.exit_status is not None, "it ends")
    launcher._agent = child
    launcher._heal(child)
    assert launcher._agent is None
    assert not child.running
    found = launcher.endpoints.read()
    assert found is not None
    assert found.agent == "failed"
