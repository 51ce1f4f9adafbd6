"""Shows what is running, where, and in which state."""

from __future__ import annotations

import os
from pathlib import Path

from infrastructure.local.endpoints import EndpointsFile
from infrastructure.local.paths import StateFolder
from infrastructure.local.watchdog import ask_for_json


def show(state_dir: Path) -> int:
    """Returns 0 when the instance runs and is ready, 3 otherwise."""
    state = StateFolder(state_dir)
    endpoints = EndpointsFile(state.endpoints).read()
    if endpoints is None or not _alive(endpoints.launcher_pid) or endpoints.cloud == "stopped":
        print(f"not running (state in {state.root})")
        return 3
    told = ask_for_json(endpoints.port, "/health")
    print(f"address  http://127.0.0.1:{endpoints.port}")
    print(f"process  {endpoints.launcher_pid}")
    print(f"cloud    {endpoints.cloud}")
    print(f"gateway  {'ready' if told is not None else 'not answering'}")
    agent = (told or {}).get("components", {}).get("agent", endpoints.agent)
    print(f"agent    {agent}")
    print(f"state    {state.root}")
    print("versions " + ", ".join(f"{name} {version}" for name, version in endpoints.versions.items()))
    return 0 if endpoints.cloud == "ready" else 3


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
