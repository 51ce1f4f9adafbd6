"""What a host runs, what it is told to do with it, and how it proves what it did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from sharemtc.wire.messages import Answer, CommandId, EachReadable, Text, VmId, Wire
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

    id: VmId
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


class VmSpec(Answer):
    """All that is needed to make the machine, sent with every command so that the agent needs no other source."""

    name: str
    hostname: str
    image: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    ssh_public_keys: tuple[str, ...]


class Command(Answer):
    """One order to a host. A command whose generation is below the one the agent knows is refused as stale.

    Leased until `lease_until`: the agent reports a result before, or the command is handed out again. `request_id` is
    that of the request that caused it, to be found again in the logs of both sides.
    """

    id: CommandId
    vm_id: VmId
    verb: Verb
    generation: int
    spec: VmSpec | None
    request_id: str | None = None
    lease_until: datetime
    deadline: datetime


class Commands(Answer):
    """The answer to a poll for commands."""

    commands: Annotated[tuple[Command, ...], EachReadable] = ()


class Phase(StrEnum):
    """How far the agent is with a command that boots a machine."""

    PREPARING = "preparing"
    BOOTING = "booting"


class Progress(Wire):
    """A step that the agent has begun."""

    phase: Phase
    detail: Text = ""


class Proof(Wire):
    """What the agent saw that makes the result true.

    Boot: the SSH banner read from the guest and the port it is reached on. Stop: the process is gone. Terminate:
    the process is gone and the files are deleted. `uptime_ms`, with `boot_id`: how long the boot had run when a stop or
    terminate ended it; absent if it did not run any more.
    """

    state: Literal["running", "stopped", "gone"]
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    ssh_banner: Text = ""
    boot_id: Text = ""
    uptime_ms: int | None = Field(default=None, ge=0, lt=2**53)
    pid: int | None = Field(default=None, ge=1)
    files_left: int = Field(default=0, ge=0)


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
