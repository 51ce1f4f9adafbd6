"""What owners send about their hosts and themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sharemtc.schemas import Schema
from sharemtc.wire import GivenInstant, TextRule
from sharemtc.wire.texts import MAX_TEXT_CHARS

MAX_LABELS = 20


Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$", examples=["rack-7"])]
Region = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", examples=["eu-central"])]
LabelKey = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$")]
LabelValue = Annotated[str, TextRule(100)]
Reason = Annotated[str, TextRule(MAX_TEXT_CHARS, min_chars=1)]


class NetworkSet(Schema):
    """What the machine's network offers to renters; what is left out stays."""

    volume: bool | None = None
    global_networking: bool | None = None


class MaintenanceSet(Schema):
    """A window in which the host takes no new work, at most 30 days long. What runs goes on."""

    starts_at: GivenInstant
    ends_at: GivenInstant
    reason: Reason = Field(examples=["new disks"])


class HostChange(Schema):
    """What to change of a host; what is left out stays. `maintenance: null` drops the window.

    `labels` replaces all labels; only the owner and operators see them.
    """

    name: Name | None = None
    region: Region | None = None
    labels: dict[LabelKey, LabelValue] | None = Field(default=None, max_length=MAX_LABELS, examples=[{"rack": "7"}])
    network: NetworkSet | None = None
    maintenance: MaintenanceSet | None = None
    draining: bool | None = None
