"""Heartbeats: a host's load and workloads, and the commands that answer them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from sharemtc.wire.hosts import Figures, Inventory
from sharemtc.wire.kinds import WorkloadId
from sharemtc.wire.messages import Answer, EachReadable, Wire
from sharemtc.wire.workloads import CommandList, Workload


class Heartbeat(Wire):
    """Sent every `heartbeat_interval_s`. `inventory` is present at start and after each change.

    `instance` is new at each start of an agent: an older one that sends after a newer one has a copied key.
    """

    protocol_version: int = Field(ge=0, lt=2**31)
    instance: str = Field(pattern=r"^[0-9a-f]{32}$")
    figures: Figures
    workloads: tuple[Workload, ...] = Field(default=(), max_length=1000)
    inventory: Inventory | None = None


class PaidWorkload(Answer):
    """Until when a workload may continue without contact to the control plane."""

    id: WorkloadId
    paid_until: datetime


class HeartbeatProblem(Answer):
    """An invalid part of a heartbeat: a JSON pointer to it, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


class HeartbeatAnswer(Answer):
    """The commands queued for this host, and until when each of its workloads is paid.

    `orphans` names reported workloads that have ended, or are on another host: the agent destroys them. `unknown` names
    those without a record: tables may have been lost, so the agent stops them and keeps their files for a while. With a
    `command_poll_s` of 0 no polls are needed besides heartbeats. `problems` names the invalid parts: everything else
    was accepted, and an invalid part keeps its former value. Those of the inventory are reported once, when it is sent.
    """

    protocol_version: int
    commands: CommandList = ()
    problems: Annotated[tuple[HeartbeatProblem, ...], EachReadable] = ()
    workloads: Annotated[tuple[PaidWorkload, ...], EachReadable] = ()
    orphans: Annotated[tuple[WorkloadId, ...], EachReadable] = ()
    unknown: Annotated[tuple[WorkloadId, ...], EachReadable] = ()
    heartbeat_interval_s: int
    command_poll_s: int
    telemetry_interval_s: int = 60
    server_time: datetime
