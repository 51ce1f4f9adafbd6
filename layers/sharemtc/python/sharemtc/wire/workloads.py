"""Workloads on a host, commands for them, and results."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from sharemtc.wire.kinds import Proof, Spec, WorkloadId, WorkloadKind
from sharemtc.wire.messages import Answer, CommandId, EachReadable, Text, Wire
from sharemtc.wire.texts import LenientText


class WorkloadState(StrEnum):
    """What the agent observes of a workload on its host.

    `booting`: its process runs, the guest has not answered yet; `running`: the guest answered; `stopped`: no process,
    disk kept. A workload that is gone is not listed.
    """

    BOOTING = "booting"
    RUNNING = "running"
    STOPPED = "stopped"


class Workload(Wire):
    """A workload on the host, with the generation of the last command executed on it.

    `boot_id` identifies its current boot, `uptime_ms` is how long that boot has run, on a clock that stops while the
    host sleeps: together they prove that it ran on during a gap between heartbeats.
    """

    id: WorkloadId
    generation: int = Field(ge=0, lt=2**53)
    state: WorkloadState
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    boot_id: Text = ""
    uptime_ms: int | None = Field(default=None, ge=0, lt=2**53)


class Verb(StrEnum):
    """What a command does. Each is idempotent: repeated, it gives the same result."""

    CREATE = "create"
    START = "start"
    STOP = "stop"
    REBOOT = "reboot"
    TERMINATE = "terminate"


class Command(Answer):
    """A command to a host. One whose generation is below the known one is refused as stale.

    Leased until `lease_until`: the agent reports a result before, or the command is leased again. `request_id` is that
    of the request that caused it, to correlate the logs of both sides.
    """

    id: CommandId
    workload_id: WorkloadId
    kind: WorkloadKind
    verb: Verb
    generation: int
    spec: Spec | None
    request_id: str | None = None
    lease_until: datetime
    deadline: datetime


class UnsupportedCommand(Answer):
    """A command of a newer control plane whose kind, verb or spec is unknown here: it fails."""

    id: CommandId
    generation: int
    kind: str = ""
    verb: str = ""


# items that are no commands at all are ignored
CommandList = Annotated[
    tuple[Annotated[Command | SkipJsonSchema[UnsupportedCommand], Field(union_mode="left_to_right")], ...],
    EachReadable,
]


class Commands(Answer):
    """Leased commands."""

    commands: CommandList = ()


class Phase(StrEnum):
    """The progress of a command that boots a workload."""

    PREPARING = "preparing"
    BOOTING = "booting"


class Progress(Wire):
    """A step that the agent has begun."""

    phase: Phase
    detail: Text = ""


class Failure(Wire):
    """Why a command failed."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    detail: Annotated[str, LenientText(2000, keep_lines=True)]


class CommandResult(Wire):
    """A command's result: exactly one of `proof` and `failure`."""

    generation: int = Field(ge=0, lt=2**53)
    proof: Proof | None = None
    failure: Failure | None = None


class Received(Answer):
    """The report is stored; `applied` is false for a repeated one."""

    applied: bool
