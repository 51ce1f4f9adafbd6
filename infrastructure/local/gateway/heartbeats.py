"""When the API last accepted a heartbeat of this machine's host: an agent may run without being heard."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

from infrastructure.local.endpoints import NOT_HEARD, Endpoints

PATH = "/v1/agent/heartbeat"
HEARD_WITHIN_S = 30.0
RUNNING, STARTING = "running", "starting"


class Heartbeats:
    """Watches requests and responses. The API has checked the signatures of what it accepts."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._host_id = ""
        self._heard_at = 0.0

    def note(self, authorization: str, host_id: str) -> None:
        """Counts an accepted heartbeat of this machine's host."""
        if host_id and sender(authorization) == host_id:
            self._host_id, self._heard_at = host_id, self._clock()

    def agent_state(self, endpoints: Endpoints) -> str:
        """The state of the agent's process, and for a running one, whether the platform hears it."""
        if endpoints.agent != RUNNING:
            return endpoints.agent
        now = self._clock()
        if self._host_id == endpoints.host_id and now - self._heard_at <= HEARD_WITHIN_S:
            return RUNNING
        return STARTING if now - endpoints.agent_started_at_s <= HEARD_WITHIN_S else NOT_HEARD


def sender(authorization: str) -> str:
    """The host that a token claims to be from."""
    parts = authorization.removeprefix("Bearer ").split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError):
        return ""
