"""Notifications to systemd, read from the other end of the socket."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.agent.agents import agent_command, agent_environment
from tests.agent.control_plane import HOST_ID, ControlPlane
from tests.agent.test_leaving import join

from sharemtc_agent import service_manager


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(60)
        yield address, listener


class TestNotify:
    def test_lines_in_one_message(self, manager: tuple[str, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
        address, listener = manager
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        service_manager.notify("READY=1", "STATUS=reports")
        assert listener.recv(4096) == b"READY=1\nSTATUS=reports"

    def test_abstract_socket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            name = f"sharemtc-test-{os.getpid()}"
            listener.bind(f"\0{name}")
            listener.settimeout(5)
            monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
            service_manager.notify("WATCHDOG=1")
            assert listener.recv(4096) == b"WATCHDOG=1"

    def test_without_a_manager_or_with_a_dead_one_nothing_happens(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
        service_manager.notify("READY=1")
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
        service_manager.notify("READY=1")


class TestWatchdog:
    @pytest.mark.parametrize(
        ("limit", "pid", "interval"),
        [("60000000", "", 20.0), ("60000000", "own", 20.0), ("60000000", "1", None), ("0", "", None), ("", "", None)],
    )
    def test_interval(self, monkeypatch: pytest.MonkeyPatch, limit: str, pid: str, interval: float | None) -> None:
        monkeypatch.setenv("WATCHDOG_USEC", limit)
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
        assert service_manager.watchdog_interval_s() == interval


@pytest.mark.slow
def test_an_agent_says_ready_alive_and_stopping(
    tmp_path: Path, manager: tuple[str, socket.socket], prepared_state: Path
) -> None:
    address, listener = manager
    shutil.copytree(prepared_state, tmp_path / "state")
    with ControlPlane() as plane:
        state = join(plane, tmp_path / "state")
        env = {**agent_environment(), "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "900000"}
        with subprocess.Popen(agent_command("run", "--state-dir", str(state.path)), env=env) as agent:
            first = listener.recv(4096).decode()
            assert first == f"READY=1\nSTATUS=reporting to {plane.url}"
            said = {listener.recv(4096).decode() for _ in range(4)}
            assert "WATCHDOG=1" in said
            agent.terminate()
            while (last := listener.recv(4096).decode()) == "WATCHDOG=1":
                continue
            assert last.startswith("STOPPING=1")
            assert agent.wait(20) == 0
        assert HOST_ID in plane.speakers
