"""Paths of the checkout, its build products and the state of one instance."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / ".build"
TEMPLATE = REPOSITORY / "template.yaml"
OPENAPI = REPOSITORY / "infrastructure" / "openapi.json"
INSTALL = BUILD / "install"
WEB_DIST = REPOSITORY / "webapp" / "dist"
CLOUD_PYTHON = BUILD / "cloud" / "bin" / "python"
RUNTIME_PYTHON = BUILD / "runtime" / "bin" / "python"
AGENT_COMMAND = BUILD / "agent" / "bin" / "sharemtc-agent"


@dataclass(frozen=True)
class StateFolder:
    """The state directory. Only its owner can read it."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def journal(self) -> Path:
        return self.root / "cloud" / "tables.journal"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def function_logs(self) -> Path:
        return self.logs / "functions"

    @property
    def scratch(self) -> Path:
        """Emptied at every start: unpacked functions and other temporary files of the emulator."""
        return self.root / "scratch"

    @property
    def unpacked_layers(self) -> Path:
        return self.root / "layers"

    @property
    def endpoints(self) -> Path:
        """How to reach the running instance (`endpoints.py`)."""
        return self.root / "endpoints.json"

    @property
    def gateway_endpoints(self) -> Path:
        """The part of it that the gateway may know."""
        return self.root / "gateway.json"

    @property
    def operator_password(self) -> Path:
        return self.root / "operator-password"

    @property
    def operator_reset(self) -> Path:
        """Exists from the loss of the operator's secret until the operator has the new password."""
        return self.root / "operator-reset"

    @property
    def agent(self) -> Path:
        return self.root / "agent"

    def create(self) -> None:
        """Raises OSError."""
        folders = (self.root, self.journal.parent, self.secrets, self.logs, self.function_logs, self.scratch)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(f"{folder} is not writable")
        self.root.chmod(0o700)
        self.secrets.chmod(0o700)
