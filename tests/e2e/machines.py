"""A provider's further machines: agents in directories of their own, at a platform's one public address."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infrastructure.local.host_agent import environment
from infrastructure.local.paths import AGENT_COMMAND


@dataclass
class Machine:
    """One agent: its state directory and, while it runs, its process."""

    state: Path
    process: subprocess.Popen[bytes] | None = None

    def call(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command of the agent to its end."""
        command = [str(AGENT_COMMAND), arguments[0], "--state-dir", str(self.state), *arguments[1:]]
        return subprocess.run(
            command, input=stdin, env=environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def enroll(self, url: str, code: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Join the platform with a code."""
        return self.call("enroll", "--url", url, "--code-file", "-", *options, stdin=code + "\n")

    @property
    def host_id(self) -> str:
        """The id that the platform gave it."""
        return str(json.loads((self.state / "config.json").read_text())["host_id"])

    @property
    def _log(self) -> Path:
        return self.state.with_name(self.state.name + ".log")

    def start(self) -> None:
        """Start the agent."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(AGENT_COMMAND), "run", "--state-dir", str(self.state)], env=environment(), stderr=log
            )

    def stop(self) -> int | None:
        """End the agent as a service manager does; its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.process = None
        return code
