"""What a running instance tells its parts and other commands about itself: ``<state>/endpoints.json``, owner only.

The gateway reads ``<state>/gateway.json``, which lacks what it has no business with: the token of the whole cloud.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from infrastructure.local.paths import StateFolder

REGION = "us-east-1"
# the agent's process runs, and the platform accepts no heartbeat of it
NOT_HEARD = "not heard"


@dataclass(frozen=True)
class Endpoints:
    """Addresses and states of the processes. ``cloud`` is starting, deploying, ready, restarting or failed.

    ``agent`` is the state of its process only; /health shows whether the platform receives its heartbeats.
    """

    port: int
    launcher_pid: int
    cloud: str = "starting"
    agent: str = "off"
    cloud_url: str = ""
    token: str = ""
    gateway_token: str = ""
    api_id: str = ""
    api_stage: str = ""
    host_id: str = ""
    agent_started_at_s: float = 0.0
    outputs: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        """Where the deployed API answers, without a trailing slash."""
        return f"{self.cloud_url}/restapis/{self.api_id}/{self.api_stage}/_user_request_"

    def for_gateway(self) -> Endpoints:
        """The same without what reaches more than the API."""
        return replace(self, token="", outputs={})

    def environment(self) -> dict[str, str]:
        """What an AWS SDK needs to talk to the embedded cloud."""
        return {
            "AWS_ENDPOINT_URL": self.cloud_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": self.token,
        }


class EndpointsFile:
    """Written by the launcher, read by other commands, and the gateway's part of it by the gateway."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: Endpoints | None = None
        self._behind = False

    @property
    def latest(self) -> Endpoints | None:
        """What was told last, whether or not the disk took it; None before anything was."""
        return self._latest

    def write(self, endpoints: Endpoints) -> None:
        """Replace both files. Raises OSError."""
        self._latest = endpoints
        _replace(self._path, endpoints)
        _replace(StateFolder(self._path.parent).gateway_endpoints, endpoints.for_gateway())
        self._behind = False

    def update(self, **changes: object) -> Endpoints:
        """Change some fields. A disk that refuses costs nothing but time: `catch_up` writes them later."""
        current = self._latest or self.read()
        assert current is not None, "written at start"
        self._latest = replace(current, **changes)  # type: ignore[arg-type]
        self._behind = True
        self.catch_up()
        return self._latest

    def catch_up(self) -> None:
        """Write what could not be written before."""
        if self._behind and self._latest is not None:
            with contextlib.suppress(OSError):
                self.write(self._latest)

    def read(self) -> Endpoints | None:
        """What the last launcher wrote, or None."""
        try:
            return Endpoints(**json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def changed_at_ns(self) -> int:
        """Modification time, 0 when missing."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0


def _replace(path: Path, endpoints: Endpoints) -> None:
    """Atomically, so that no reader sees half of it."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as target:
            json.dump(asdict(endpoints), target, indent=1)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
