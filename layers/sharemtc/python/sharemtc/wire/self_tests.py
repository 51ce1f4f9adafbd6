"""The self-test: what a host tried on itself, signed like every request, stored and shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from sharemtc.wire.messages import Text, Wire


class Verdict(StrEnum):
    """`warn` still lets the host sell something; `fail` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class SelfTestCheck(Wire):
    """One thing that was tried. `value` is what was measured, in `unit`, where there is a figure."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    verdict: Verdict
    detail: str = Field(default="", max_length=500)
    value: float | None = None
    unit: Text = ""


class SelfTest(Wire):
    """One run of the self-test."""

    started_at: datetime
    finished_at: datetime
    agent_version: Text
    checks: tuple[SelfTestCheck, ...] = Field(min_length=1, max_length=64)


class Farewell(Wire):
    """A host leaves for good; its agent has stopped and nothing runs on it."""

    reason: Text = ""
