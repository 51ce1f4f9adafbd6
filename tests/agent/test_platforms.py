"""The agent on macOS and Windows, simulated on Linux: what it imports and how it degrades.

The child process lacks the modules that only POSIX or Linux has, and reports another system.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.agent.agents import agent_environment
from tests.agent.control_plane import ControlPlane
from tests.agent.test_leaving import join

# Modules of the standard library that are not on the system, and functions of `os` and `socket` that are not.
MISSING = {
    "darwin": ("msvcrt",),
    "win32": ("fcntl", "pwd", "grp", "resource", "termios", "pty"),
}
PROGRAM = """
import sys, os
import asyncio, subprocess, pathlib, psutil, ctypes, platform, uuid, socket, ssl, concurrent.futures, shutil, tempfile
import threading, urllib.request, logging.handlers, importlib.metadata, multiprocessing, random, cryptography, gzip
name, missing, folder = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
import pydantic, email.utils, zoneinfo, sharemtc.wire
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives import serialization
for module in missing:
    sys.modules[module] = None
if name == "win32":
    import types
    sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda *_: None)
    for function in ("geteuid", "getuid", "sched_getaffinity", "getloadavg"):
        delattr(os, function)
sys.platform = name
from sharemtc_agent import cli
from sharemtc_agent.daemon import Daemon
from sharemtc_agent.config import State
from pathlib import Path
state = State(Path(folder))

async def run():
    daemon = Daemon(state, state.require_config())
    daemon._handle_signals = lambda: None
    task = asyncio.ensure_future(daemon.run())
    while daemon._last_answer_at is None or daemon._reachable is not True:
        await asyncio.sleep(0.05)
    await daemon._reporter.measure()
    await daemon._reporter.send()
    daemon.shutdown()
    return await task

print(asyncio.run(run()))
loaded = sorted(m for m in sys.modules if m.startswith("sharemtc_agent.runtimes.qemu"))
assert not loaded, loaded
"""


@pytest.mark.parametrize(("platform", "name"), [("darwin", "macos"), ("win32", "windows")])
def test_telemetry_without_guests(tmp_path: Path, platform: str, name: str) -> None:
    with ControlPlane() as plane:
        state = join(plane, tmp_path / "state")
        argv = [sys.executable, "-c", PROGRAM, platform, ",".join(MISSING[platform]), str(state.path)]
        done = subprocess.run(argv, env=agent_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    inventory = plane.inventories[0]
    assert (inventory.platform, inventory.accelerator, inventory.images) == (name, None, ())
    assert inventory.capabilities[0].detail == "Linux only"
    metrics = {point.metric_type for batch in plane.batches for point in batch.metrics}
    assert {"cpu_used_percent", "memory_used_mib", "disk_used_gib"} <= metrics
