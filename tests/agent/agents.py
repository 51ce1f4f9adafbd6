"""Agents as child processes, and renters of their VMs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.agent.control_plane import CODE, ControlPlane

from sharemtc.wire import VmSpec

VM_ID = "vm_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def agent_environment() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def agent_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sharemtc_agent", *arguments]


def call_agent(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        agent_command(*arguments),
        env=agent_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Agent:
    """A running `sharemtc-agent run`, enrolled with a control plane. Use as a context manager."""

    def __init__(self, state: Path, prepared: Path | None = None) -> None:
        self.state = state
        self.process: subprocess.Popen[bytes] | None = None
        if prepared is not None:
            shutil.copytree(prepared, state)

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pid_file in self.state.glob("vms/*/qemu.pid"):
            os.kill(int(pid_file.read_text()), signal.SIGKILL)

    def enroll(self, plane: ControlPlane) -> None:
        done = call_agent(
            "enroll", "--url", plane.url, "--code-file", "-", "--state-dir", str(self.state), stdin=CODE + "\n"
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        log = (self.state / "agent.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                agent_command("run", "--state-dir", str(self.state)),
                env=agent_environment(),
                stderr=log,
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def end(self) -> int:
        """Stops it with SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(timeout=20)
        self.process = None
        return code

    def log(self) -> str:
        return (self.state / "agent.log").read_text()


class Renter:
    """A renter with an SSH key."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "id"
        self.known_hosts = folder / "known_hosts"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)

    def spec(self) -> VmSpec:
        public = self.key.with_suffix(".pub").read_text().strip()
        return VmSpec(
            kind="vm",
            name="web one",
            hostname="web-1",
            image="tiny",
            vcpus=1,
            memory_mib=128,
            disk_gib=2,
            ssh_public_keys=(public,),
        )

    def ssh(self, port: int | None, command: str) -> str:
        """Runs a command in the VM; the host key must be the first one seen."""
        assert port is not None
        done = subprocess.run(
            [
                "ssh", "-i", str(self.key), "-p", str(port), "-o", f"UserKnownHostsFile={self.known_hosts}",
                "-o", "StrictHostKeyChecking=accept-new", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20",
                "-F", "/dev/null", "root@127.0.0.1", command,
            ],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
