"""Self-tests, and a host's requests to drain and retire."""

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
    """One check. `value` is the measured figure, in `unit`, if there is one."""

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
    """A host's request to drain or retire, the latter without workloads; `reason` is for people."""

    reason: Text = ""


class HostStateAnswer(Answer):
    """The host's new state."""

    state: str


class RetireReceipt(Answer):
    """The host is retired and its key is invalid. A repeated request gets the same answer."""

    host_id: HostId
    retired_at: datetime
    state: Literal["retired"] = "retired"
