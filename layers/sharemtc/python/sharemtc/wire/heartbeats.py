"""The heartbeat: a host's heartbeat that it lives and what it runs, and the orders that it gets for it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from sharemtc.wire.hosts import Figures, Inventory
from sharemtc.wire.kinds import WorkloadId
from sharemtc.wire.messages import Answer, EachReadable, Wire
from sharemtc.wire.workloads import CommandList, Workload


class Heartbeat(Wire):
    """Sent every `heartbeat_interval_s`. `inventory` is present at start and whenever it changed.

    `instance` is made anew by each start of an agent: an older one that speaks after a newer one has a copied key.
    """

    protocol_version: int = Field(ge=0, lt=2**31)
    instance: str = Field(pattern=r"^[0-9a-f]{32}$")
    figures: Figures
    workloads: tuple[Workload, ...] = Field(default=(), max_length=1000)
    inventory: Inventory | None = None


class PaidWorkload(Answer):
    """How long a workload may run on without word from the control plane."""

    id: WorkloadId
    paid_until: datetime


class HeartbeatProblem(Answer):
    """A part of a heartbeat that was not taken: a JSON pointer to it, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


class HeartbeatAnswer(Answer):
    """The commands that wait for this host, and until when each of its workloads is paid.

    `orphans` names workloads that the host reported and that are known to have ended, or to be elsewhere: the agent
    destroys them. `unknown` names those of which there is no record: tables may have been lost, so the agent stops
    them and keeps their files for a while. A `command_poll_s` of 0 means that heartbeats are enough. `problems` names
    what was refused: all else was taken, and what was known before of a refused part stays known. Those of the
    inventory are told once, when it is sent.
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
