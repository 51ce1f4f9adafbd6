"""The launcher's child processes: they end with it, are logged, restarted with back-off, and stopped in order."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

from infrastructure.local.failures import ProcessFailed
from infrastructure.local.paths import REPOSITORY
from infrastructure.local.progress import NOTE
from infrastructure.local.rotating_log import RotatingLog

STOP_TIMEOUT_S = 8.0
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_AFTER_S = 60.0
KEPT_LINES = 20


class Child:
    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        log: Path,
        dies_by: signal.Signals = signal.SIGKILL,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "infrastructure.local.parent_death", str(int(dies_by)), *command]
        self._environment = {**environment, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
        self._log = RotatingLog(log)
        self._process: subprocess.Popen[str] | None = None
        self._started_at = self.heard_at = 0.0
        self._pass_fds = pass_fds
        self.failures = 0
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._notes: deque[str] = deque(maxlen=KEPT_LINES)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Starts or restarts. Call it from the main thread: the child's end is tied to the thread that forks."""
        self._started_at = self.heard_at = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=REPOSITORY,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._pass_fds,
        )
        threading.Thread(target=self._pump, args=(self._process.stdout,), daemon=True, name=f"log-{self.name}").start()

    def _pump(self, stream: IO[str]) -> None:
        with stream, contextlib.suppress(ValueError, OSError):
            for line in stream:
                self.heard_at = time.monotonic()
                self.last_lines.append(line.rstrip("\n"))
                if line.startswith(NOTE):
                    self._notes.append(line.removeprefix(NOTE).rstrip("\n"))
                self._log.write(line)

    def take_notes(self) -> list[str]:
        """Messages for the user since the last call."""
        return [self._notes.popleft() for _ in range(len(self._notes))]

    def back_off_s(self) -> float:
        """The pause before the next start; short again after the process has run steadily."""
        if time.monotonic() - self._started_at > STEADY_AFTER_S:
            self.failures = 0
        delay_s = BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)]
        self.failures += 1
        return delay_s

    def stop(self) -> None:
        """Asks it to end, and kills it if it does not."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """For a process that does not answer."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def why_it_ended(self, marker: str) -> str | None:
        """The last line it printed after the marker, if any."""
        # the reading thread may not have reached the last output yet
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            for line in reversed(self.last_lines):
                if line.startswith(marker):
                    return line.removeprefix(marker)
            if not self.running and self.last_lines:
                break
        return None


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(child: Child, port: int, timeout_s: float, marker: str = "cannot start: ") -> None:
    """Waits until the port accepts connections; each line that the child prints extends the timeout.

    Raises ProcessFailed when the child ends, or prints nothing for ``timeout_s``.
    """
    while time.monotonic() < child.heard_at + timeout_s:
        if not child.running:
            reason = child.why_it_ended(marker) or (child.last_lines[-1] if child.last_lines else "it said nothing")
            raise ProcessFailed(f"{child.name} ended while starting: {reason}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise ProcessFailed(f"{child.name} did not listen on port {port} and said nothing for {timeout_s:.0f} s")


def plain_environment() -> dict[str, str]:
    """The environment without credentials and Python settings of the user."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "USER", "LOGNAME", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}
