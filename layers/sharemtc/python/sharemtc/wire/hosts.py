"""A host's inventory, load and enrollment."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from sharemtc.wire.instants import GivenInstant
from sharemtc.wire.messages import Answer, GpuUuid, HostId, Text, Wire
from sharemtc.wire.net_addresses import ConnectAddress
from sharemtc.wire.texts import TextRule


class Accelerator(StrEnum):
    """How guests execute: hardware virtualisation, or QEMU's emulation; determined by booting one."""

    KVM = "kvm"
    TCG = "tcg"


class Gpu(Wire):
    """A GPU by its UUID. A partitioned one (MIG) is listed but not sold.

    `vram_mib` is None when it shares the host's memory.
    """

    uuid: GpuUuid
    model: Annotated[str, TextRule(100)]
    vram_mib: int | None = Field(default=None, ge=1, le=4 * 1024 * 1024)
    driver_version: Text = ""
    cuda_version: Text = ""
    mig: bool = False


class Capacity(Wire):
    """Capacity that can be sold. Memory in MiB, disk in GiB."""

    vcpus: int = Field(ge=0, le=4096)
    memory_mib: int = Field(ge=0, le=64 * 1024 * 1024)
    disk_gib: int = Field(ge=0, le=4 * 1024 * 1024)


# of one host
MAX_GPUS = 32


class CapabilityName(StrEnum):
    """What a host may support."""

    VM = "vm"
    CONTAINER = "container"
    KUBERNETES = "kubernetes"
    GPU = "gpu"
    EGRESS = "egress"


class Capability(Wire):
    """One capability as tested, not as configured; `detail` is the result."""

    name: CapabilityName
    available: bool
    detail: Text = ""


class Inventory(Wire):
    """A host's description. `sellable` is what the provider offers, never more than `total`.

    `network_mbps` is the speed of the fastest link that is up, `links_mbps` that of all links whose traffic is counted;
    None where unknown. `gpus_known` is false while the driver does not respond: `gpus` is then meaningless, not empty.
    """

    name: str = Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$")
    agent_version: Text
    os: Text
    kernel: Text
    cpu_model: Text
    total: Capacity
    sellable: Capacity
    gpus: tuple[Gpu, ...] = Field(default=(), max_length=MAX_GPUS)
    gpus_known: bool = True
    gpu_note: Text = ""
    accelerator: Accelerator | None
    accelerator_note: Text = ""
    images: tuple[Annotated[str, TextRule(64)], ...] = Field(default=(), max_length=16)
    connect_address: ConnectAddress
    region: Text = "local"
    platform: Literal["linux", "macos", "windows"] = "linux"
    arch: Text = ""
    network_mbps: int | None = Field(default=None, ge=1, le=10_000_000)
    links_mbps: int | None = Field(default=None, ge=1, le=100_000_000)
    capabilities: tuple[Capability, ...] = Field(default=(), max_length=16)


class Figures(Wire):
    """The host's current load."""

    captured_at: GivenInstant
    cpu_used_percent: float = Field(ge=0, le=100)
    load_1m: float = Field(ge=0, le=100_000)
    memory_used_mib: int = Field(ge=0, le=64 * 1024 * 1024)
    disk_used_gib: int = Field(ge=0, le=4 * 1024 * 1024)
    network_rx_bytes: int = Field(ge=0, lt=2**63)
    network_tx_bytes: int = Field(ge=0, lt=2**63)


class EnrollRequest(Wire):
    """A single-use code, the host's public key (raw Ed25519, base64url without padding) and its inventory."""

    protocol_version: int = Field(ge=0, lt=2**31)
    code: str = Field(min_length=20, max_length=80)
    public_key: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    inventory: Inventory


class EnrollAnswer(Answer):
    """The host's id and its reporting intervals."""

    protocol_version: int
    host_id: HostId
    heartbeat_interval_s: int
    command_poll_s: int
    telemetry_interval_s: int = 60
    server_time: datetime
