"""What the agent and the control plane say to each other: the only module that both import.

Every agent request carries `Authorization: Bearer <JWT>`, signed with the host's Ed25519 key (EdDSA), with the claims
of `AgentClaims`. Bodies are the models below; the control plane refuses fields that it does not know.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AGENT_AUDIENCE = "sharemtc-agent"
ENROLL_SUBJECT = "enroll"
MAX_TOKEN_AGE_S = 60
MAX_BODY_BYTES = 256 * 1024

HostId = Annotated[str, Field(pattern=r"^hst_[0-9A-HJKMNP-TV-Z]{26}$")]
VmId = Annotated[str, Field(pattern=r"^vm_[0-9A-HJKMNP-TV-Z]{26}$")]
CommandId = Annotated[str, Field(pattern=r"^cmd_[0-9a-z]{32}$")]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Wire(BaseModel):
    """A message: frozen, and closed to unknown fields, NaN and infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Answer(BaseModel):
    """What the control plane answers: an older agent ignores fields that it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)


class AgentClaims(Wire):
    """Claims of the JWT on an agent's request.

    `seq` grows with every request of a host and is never reused (the agent starts it at the Unix time in
    milliseconds); `bsh` is the base64url SHA-256 of the raw body, without padding; `exp` ≤ `iat` + 60 s.
    """

    sub: str
    aud: Literal["sharemtc-agent"]
    iat: int
    exp: int
    jti: str = Field(min_length=16, max_length=64)
    seq: int = Field(ge=1, lt=2**53)
    bsh: str = Field(min_length=43, max_length=43)


def body_hash(body: bytes) -> str:
    """The `bsh` claim for `body`."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


# --- what a host is -------------------------------------------------------------------------------------------------


class Accelerator(StrEnum):
    """How guests execute: hardware virtualisation or QEMU's translator, told by booting one."""

    KVM = "kvm"
    TCG = "tcg"


class Gpu(Wire):
    """One GPU by its UUID."""

    uuid: str = Field(pattern=r"^GPU-[0-9A-Za-z-]{1,60}$")
    model: Text
    vram_mib: int = Field(ge=1, le=4 * 1024 * 1024)


class Capacity(Wire):
    """Counts of what can be sold. Memory in MiB, disk in GiB."""

    vcpus: int = Field(ge=0, le=4096)
    memory_mib: int = Field(ge=0, le=64 * 1024 * 1024)
    disk_gib: int = Field(ge=0, le=4 * 1024 * 1024)


class Inventory(Wire):
    """What the machine is. `sellable` is what the provider offers of it, never more than `total`."""

    name: str = Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$")
    agent_version: Text
    os: Text
    kernel: Text
    cpu_model: Text
    total: Capacity
    sellable: Capacity
    gpus: tuple[Gpu, ...] = Field(default=(), max_length=64)
    gpu_note: Text = ""
    accelerator: Accelerator | None
    accelerator_note: Text = ""
    images: tuple[Text, ...] = Field(default=(), max_length=64)
    connect_address: Text
    region: Text = "local"


class Figures(Wire):
    """What the machine is doing, as its own tools show it."""

    captured_at: datetime
    cpu_used_percent: float = Field(ge=0, le=100)
    load_1m: float = Field(ge=0, le=100_000)
    memory_used_mib: int = Field(ge=0, le=64 * 1024 * 1024)
    disk_used_gib: int = Field(ge=0, le=4 * 1024 * 1024)
    network_rx_bytes: int = Field(ge=0, lt=2**63)
    network_tx_bytes: int = Field(ge=0, lt=2**63)


class EnrollRequest(Wire):
    """A single-use code, the host's public key (raw Ed25519, base64url without padding) and what the machine is."""

    code: str = Field(min_length=20, max_length=80)
    public_key: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    inventory: Inventory


class EnrollAnswer(Answer):
    """The host's id and the pace at which it reports."""

    host_id: HostId
    heartbeat_interval_s: int
    command_poll_s: int
    server_time: datetime


# --- what a host runs -----------------------------------------------------------------------------------------------


class WorkloadState(StrEnum):
    """What the agent sees of a workload on its machine.

    `booting`: its process runs, the guest has not answered yet; `running`: the guest answered; `stopped`: no process,
    disk kept. A workload that is gone is not in the list.
    """

    BOOTING = "booting"
    RUNNING = "running"
    STOPPED = "stopped"


class Workload(Wire):
    """One workload on the host, with the generation of the command that last touched it."""

    id: VmId
    generation: int = Field(ge=0, lt=2**53)
    state: WorkloadState
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    boot_id: Text = ""


class Heartbeat(Wire):
    """Sent every `heartbeat_interval_s`. `inventory` is present at start and whenever it changed."""

    figures: Figures
    workloads: tuple[Workload, ...] = Field(default=(), max_length=1000)
    inventory: Inventory | None = None


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


class PaidWorkload(Answer):
    """How long a workload may run on without word from the control plane."""

    id: VmId
    paid_until: datetime


class HeartbeatAnswer(Answer):
    """The commands that wait for this host, and until when each of its workloads is paid.

    `orphans` names workloads that the host reported and nobody pays for: the agent destroys them.
    """

    commands: tuple[Command, ...] = ()
    workloads: tuple[PaidWorkload, ...] = ()
    orphans: tuple[VmId, ...] = ()
    heartbeat_interval_s: int
    command_poll_s: int
    server_time: datetime


class Commands(Answer):
    """The answer to a poll for commands."""

    commands: tuple[Command, ...] = ()


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
    the process is gone and the files are deleted.
    """

    state: Literal["running", "stopped", "gone"]
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    ssh_banner: Text = ""
    boot_id: Text = ""
    pid: int | None = Field(default=None, ge=1)
    files_left: int = Field(default=0, ge=0)


class Failure(Wire):
    """Why a command failed."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    detail: str = Field(max_length=2000)


class CommandResult(Wire):
    """The end of a command: exactly one of `proof` and `failure`."""

    generation: int = Field(ge=0, lt=2**53)
    proof: Proof | None = None
    failure: Failure | None = None


class Received(Answer):
    """The control plane has it; `applied` is false when it was known already."""

    applied: bool
