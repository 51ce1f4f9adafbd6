"""What a host runs, what it is told to do with it, and how it proves what it did."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from sharemtc.wire.kinds import Proof, Spec, WorkloadId, WorkloadKind
from sharemtc.wire.messages import Answer, CommandId, EachReadable, Text, Wire
from sharemtc.wire.texts import LenientText


class WorkloadState(StrEnum):
    """What the agent sees of a workload on its machine.

    `booting`: its process runs, the guest has not answered yet; `running`: the guest answered; `stopped`: no process,
    disk kept. A workload that is gone is not in the list.
    """

    BOOTING = "booting"
    RUNNING = "running"
    STOPPED = "stopped"


class Workload(Wire):
    """One workload on the host, with the generation of the command that last touched it.

    `boot_id` names this boot of it. `uptime_ms` is for how long that boot has run, on a clock that stands still while
    the host sleeps: together they prove that it ran on while the host was not heard.
    """

    id: WorkloadId
    generation: int = Field(ge=0, lt=2**53)
    state: WorkloadState
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    boot_id: Text = ""
    uptime_ms: int | None = Field(default=None, ge=0, lt=2**53)


class Verb(StrEnum):
    """What a command asks for. Each is idempotent: done twice, it answers as if done once."""

    CREATE = "create"
    START = "start"
    STOP = "stop"
    REBOOT = "reboot"
    TERMINATE = "terminate"


class Command(Answer):
    """One order to a host. A command whose generation is below the one the agent knows is refused as stale.

    Leased until `lease_until`: the agent reports a result before, or the command is handed out again. `request_id` is
    that of the request that caused it, to be found again in the logs of both sides.
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
    """A command of a newer control plane of which the kind, the verb or the spec is not known here: it fails."""

    id: CommandId
    generation: int
    kind: str = ""
    verb: str = ""


# one that is no command at all is passed over
CommandList = Annotated[
    tuple[Annotated[Command | SkipJsonSchema[UnsupportedCommand], Field(union_mode="left_to_right")], ...],
    EachReadable,
]


class Commands(Answer):
    """The answer to a poll for commands."""

    commands: CommandList = ()


class Phase(StrEnum):
    """How far the agent is with a command that boots a machine."""

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
    """The end of a command: exactly one of `proof` and `failure`."""

    generation: int = Field(ge=0, lt=2**53)
    proof: Proof | None = None
    failure: Failure | None = None


class Received(Answer):
    """The control plane has it; `applied` is false when it was known already."""

    applied: bool
