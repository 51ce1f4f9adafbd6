"""The self-test: what a host tried on itself, signed like every request, stored and shown. And how a host leaves."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from sharemtc.wire.instants import GivenInstant
from sharemtc.wire.messages import Answer, HostId, Text, Wire
from sharemtc.wire.texts import LenientText


class Verdict(StrEnum):
    """`warn` still lets the host sell something; `fail` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class SelfTestCheck(Wire):
    """One thing that was tried. `value` is what was measured, in `unit`, where there is a figure."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    verdict: Verdict
    detail: Annotated[str, LenientText(500)] = ""
    value: float | None = None
    unit: Text = ""


class SelfTest(Wire):
    """One run of the self-test."""

    started_at: GivenInstant
    finished_at: GivenInstant
    agent_version: Text
    checks: tuple[SelfTestCheck, ...] = Field(min_length=1, max_length=64)


class Farewell(Wire):
    """A host asks to take no new work, or leaves for good with nothing running on it; `reason` is for people."""

    reason: Text = ""


class HostStateAnswer(Answer):
    """The state that the host is in now."""

    state: str


class RetireReceipt(Answer):
    """The host has left: its key opens nothing any more. Asked again by a host that did not hear it, the same."""

    host_id: HostId
    retired_at: datetime
    state: Literal["retired"] = "retired"
