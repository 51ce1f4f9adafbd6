"""Requests from the command line to the running agent, and its answers, as files.

Only one process may number a host's requests, so while an agent runs, it sends all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sharemtc.wire import SelfTest
from sharemtc_agent.client import ApiError
from sharemtc_agent.files import write_whole

ANSWER_LIMIT_S = 60.0
_LOOK_EVERY_S = 0.2


class ControlRequest(BaseModel):
    """A self-test to send, or else a request to drain."""

    model_config = ConfigDict(frozen=True)

    reason: str = ""
    self_test: SelfTest | None = None


class Outcome(BaseModel):
    """The host's state, or why the request failed."""

    model_config = ConfigDict(frozen=True)

    state: str = ""
    code: str = ""
    detail: str = ""
    status: int = 0


class ControlRequests:
    """One request at a time, as files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._request = folder / "control-request.json"
        self._answer = folder / "control-answer.json"

    def ask(
        self, request: ControlRequest, *, limit_s: float = ANSWER_LIMIT_S, pause: Callable[[float], None] = time.sleep
    ) -> str:
        """Has the running agent do it; returns the host's state. Errors: `ApiError`, `agent_silent` after `limit_s`."""
        self._answer.unlink(missing_ok=True)
        write_whole(self._request, request.model_dump_json().encode())
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            try:
                outcome = Outcome.model_validate_json(self._answer.read_bytes())
            except FileNotFoundError:
                pause(_LOOK_EVERY_S)
                continue
            self._answer.unlink(missing_ok=True)
            if outcome.code:
                raise ApiError(outcome.code, outcome.detail, status=outcome.status)
            return outcome.state
        self._request.unlink(missing_ok=True)
        raise ApiError("agent_silent", f"the running agent did not answer within {limit_s:g} s")

    def take(self) -> ControlRequest | None:
        """The pending request, for the agent. A damaged one is discarded."""
        try:
            content = self._request.read_bytes()
        except FileNotFoundError:
            return None
        self._request.unlink(missing_ok=True)
        try:
            return ControlRequest.model_validate_json(content)
        except ValidationError:
            return None

    def done(self, outcome: Outcome) -> None:
        write_whole(self._answer, outcome.model_dump_json().encode(), durable=False)
