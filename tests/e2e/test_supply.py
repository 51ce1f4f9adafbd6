"""A provider's machine from the console's command to the receipt: installed, measured, lost, found, copied, gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from infrastructure.local.setup_steps import agent_install
from tests.e2e.conftest import Person, Platform, eventually

pytestmark = pytest.mark.slow
KEY_COPIED = 8
OFFLINE_WITHIN_S = 60.0  # of the agent's last word; the sweep runs every ten seconds


@dataclass
class Machine:
    """A home of its own on this machine, in which the installer puts an agent."""

    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def program(self) -> Path:
        return self.home / ".local/bin/sharemtc-agent"

    @property
    def state(self) -> Path:
        return self.home / ".local/state/sharemtc-agent"

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}"
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(agent_install.WHEELS), "PIP_CONFIG_FILE": os.devnull}
        return {"HOME": str(self.home), "PATH": path, **index}

    def install(self, command: str) -> subprocess.CompletedProcess[str]:
        """The command as the console shows it, for this user and without a service."""
        argv = ["sh", "-c", f"{command} --user --no-service --sell-memory-mib 256"]
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=240, check=False)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [str(self.program), *arguments, "--state-dir", str(self.state)]
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def start(self, state: Path | None = None) -> subprocess.Popen[bytes]:
        argv = [str(self.program), "run", "--state-dir", str(state or self.state)]
        with (self.home / "agent.log").open("ab") as log:
            return subprocess.Popen(argv, env=self.environment, stderr=log)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    agent_install.make()
    agent_install.download_packages()
    made = Machine(tmp_path / "home")
    made.home.mkdir()
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.wait()
    for process in psutil.process_iter(["cmdline"]):
        if str(made.home) in " ".join(process.info["cmdline"] or ()):
            process.kill()


def host_of(person: Person) -> dict[str, Any]:
    (host,) = person.call("GET", "/v1/provider/hosts")["items"]
    return dict(person.call("GET", f"/v1/provider/hosts/{host['id']}"))


def values(person: Person, host_id: str, metric: str) -> list[dict[str, Any]]:
    query = f"resource_type=host&resource_id={host_id}&metric_type={metric}&limit=500"
    return list(person.call("GET", f"/v1/resources/metrics?{query}")["items"])


def test_a_machine_joins_is_measured_lost_found_copied_and_leaves(
    platform: Platform, machine: Machine, tmp_path: Path
) -> None:
    person = platform.join("provider@example.com")
    code = person.call("POST", "/v1/provider/enrollment-codes", {"name": "second"}, expect=201)
    done = machine.install(code["install_command"])
    assert done.returncode == 0, done.stderr
    assert machine.install(code["install_command"]).returncode == 0  # again: nothing changes

    machine.process = machine.start()
    host = eventually(lambda: (found := host_of(person))["self_test"] and found, "a tested machine")
    assert (host["state"], host["name"]) == ("ready", "second")
    assert host["devices"] == [] or all(device["uuid"].startswith("GPU-") for device in host["devices"])
    checks = {check["name"]: check["verdict"] for check in host["self_test"]["checks"]}
    assert checks["virtualisation"] == "ok"
    assert checks["clock"] == "ok"
    assert "throughput" in checks
    seen = eventually(lambda: values(person, host["id"], "memory_used_mib"), "telemetry")
    memory = psutil.virtual_memory()
    assert seen[-1]["value"] == pytest.approx((memory.total - memory.available) / 2**20, abs=2048)

    machine.process.kill()
    machine.process.wait()
    eventually(lambda: host_of(person)["state"] == "offline", "it is seen to be gone", OFFLINE_WITHIN_S)
    spooled = len(list((machine.state / "spool").glob("*.jsonl")))
    known = len(values(person, host["id"], "memory_used_mib"))
    machine.process = machine.start()
    eventually(lambda: host_of(person)["state"] == "ready", "it is back")
    if spooled:
        eventually(lambda: len(values(person, host["id"], "memory_used_mib")) > known, "what was kept arrives")

    shutil.copytree(machine.state, tmp_path / "copy")
    copy = machine.start(tmp_path / "copy")
    assert machine.process.wait(timeout=90) == KEY_COPIED
    assert "another machine uses this host's key" in (machine.home / "agent.log").read_text()
    copy.terminate()
    assert copy.wait(timeout=30) == 0

    said = machine.run("drain", "--reason", "moving house")
    assert said.stdout == f"{host['id']} is draining\n", said.stderr
    assert host_of(person)["state"] == "draining"
    gone = machine.run("uninstall", "--json", "--receipt", str(tmp_path / "receipt.json"))
    assert gone.returncode == 0, gone.stderr
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert receipt["host_id"] == host["id"]
    assert receipt["retired_at"] is not None
    assert not machine.state.exists()
    assert host_of(person)["state"] == "retired"
