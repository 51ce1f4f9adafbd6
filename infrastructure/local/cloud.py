"""The embedded cloud for tests: ``with EmbeddedCloud(tmp_path) as cloud:`` starts the launcher on its own ports.

It is the command that people run, so tests see what users get.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from infrastructure.local.endpoints import Endpoints, EndpointsFile
from infrastructure.local.paths import CLOUD_PYTHON, REPOSITORY, TEMPLATE, WEB_DIST, StateFolder
from infrastructure.local.processes import free_port

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0


class NotStarted(Exception):
    """The launcher ended before it was ready; carries its output."""


@dataclass
class EmbeddedCloud:
    """One launcher process. ``environment`` adds variables, such as ``SHAREMTC_STARTING_CREDIT_MICROS``."""

    state_dir: Path
    port: int = field(default_factory=free_port)
    agent: bool = False
    web: bool = False
    reload: bool = False
    template: Path = TEMPLATE
    web_dist: Path = WEB_DIST
    environment: dict[str, str] = field(default_factory=dict)
    python: Path = CLOUD_PYTHON
    module: str = "infrastructure.local"
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.state_dir)

    @property
    def endpoints(self) -> Endpoints:
        """``endpoints.environment()`` is what an AWS SDK needs."""
        found = EndpointsFile(self.state.endpoints).read()
        assert found is not None, "not started"
        return found

    @property
    def outputs(self) -> dict[str, str]:
        return self.endpoints.outputs

    @property
    def operator_password(self) -> str:
        return self.state.operator_password.read_text().strip()

    @property
    def said(self) -> str:
        """The launcher's output."""
        return self._output.read_text() if self._output.exists() else ""

    @property
    def _output(self) -> Path:
        return self.state_dir.with_name(self.state_dir.name + ".launcher.log")

    def start(self, *, wait: bool = True) -> Self:
        """Raises NotStarted."""
        command = [str(self.python), "-m", self.module, "run", "--port", str(self.port)]
        command += ["--state-dir", str(self.state_dir), "--template", str(self.template)]
        command += ["--web-dist", str(self.web_dist)]
        flags = {"--no-agent": self.agent, "--no-web": self.web, "--no-reload": self.reload}
        command += [flag for flag, wanted in flags.items() if not wanted]
        self.state_dir.parent.mkdir(parents=True, exist_ok=True)
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env={**os.environ, **self.environment}, text=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Raises NotStarted."""
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if "ShareMTC is ready" in self.said:
                return
            if self.process.poll() is not None:
                raise NotStarted(self.said)
            time.sleep(0.02)
        self.kill()
        raise NotStarted(f"not ready within {START_TIMEOUT_S:.0f} s:\n{self.said}")

    def stop(self) -> int:
        """As Ctrl-C does; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """As kill -9 does; the kernel ends the child processes."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)

    def restart(self) -> Self:
        """Stops cleanly and starts with the same state and port."""
        self.stop()
        return self.start()

    def log(self, name: str) -> str:
        """The log of a process or function, such as ``cloud`` or ``AuthFunction``; empty if there is none."""
        for folder in (self.state.logs, self.state.function_logs):
            path = folder / f"{name}.log"
            if path.exists():
                return path.read_text()
        return ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
