"""The settings that the launcher passes to the emulator through its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REGION = "us-east-1"


class PatchMismatch(Exception):
    """This is not the emulator version that the patches were written for."""


@dataclass(frozen=True)
class EmulatorSettings:
    port: int
    token: str
    # what the gateway knows: the deployed API and the health page, nothing else
    gateway_token: str
    state: Path
    runtime_python: Path
    workers_per_function: int
    fsync: bool

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def to_environment(self) -> dict[str, str]:
        return {
            "SHAREMTC_CLOUD_PORT": str(self.port),
            "SHAREMTC_CLOUD_TOKEN": self.token,
            "SHAREMTC_GATEWAY_TOKEN": self.gateway_token,
            "SHAREMTC_STATE_DIR": str(self.state),
            "SHAREMTC_RUNTIME_PYTHON": str(self.runtime_python),
            "SHAREMTC_FUNCTION_WORKERS": str(self.workers_per_function),
            "SHAREMTC_FSYNC": "1" if self.fsync else "",
        }

    @classmethod
    def from_environment(cls) -> EmulatorSettings:
        """Raises KeyError naming the missing variable."""
        return cls(
            port=int(os.environ["SHAREMTC_CLOUD_PORT"]),
            token=os.environ["SHAREMTC_CLOUD_TOKEN"],
            gateway_token=os.environ["SHAREMTC_GATEWAY_TOKEN"],
            state=Path(os.environ["SHAREMTC_STATE_DIR"]),
            runtime_python=Path(os.environ["SHAREMTC_RUNTIME_PYTHON"]),
            workers_per_function=int(os.environ["SHAREMTC_FUNCTION_WORKERS"]),
            fsync=bool(os.environ.get("SHAREMTC_FSYNC")),
        )
