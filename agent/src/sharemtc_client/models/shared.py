"""What is sent and answered by several groups. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc_client.schemas import OpenEnum, View

__all__ = [
    "AuditVerdict",
    "CapacityView",
    "CloudType",
    "EventPage",
    "EventView",
    "FiguresView",
    "FreeView",
    "GpuPriceView",
    "GpuView",
    "HostCountsView",
    "HostState",
    "NetworkView",
    "PricesView",
    "Status",
]


class CloudType(OpenEnum):
    """`secure` is a machine in a data centre that operators have checked."""

    COMMUNITY = "community"
    SECURE = "secure"


class HostState(OpenEnum):
    """Only a `ready` host gets new work. `suspect` and `offline` are silence; the rest are decisions of people."""

    ENROLLED = "enrolled"
    READY = "ready"
    SUSPECT = "suspect"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"
    DRAINING = "draining"
    RETIRED = "retired"
    BANNED = "banned"


class Status(OpenEnum):
    """One word for the user."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    STARTING = "starting"
    REBOOTING = "rebooting"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


class AuditVerdict(View):
    """Whether every record is there and as it was written."""

    intact: bool
    records: int
    # Write it down: as long as it is in your chain, nothing before it was changed
    head_hash: str
    first_broken_seq: int | None
    # How to compute the chain again
    format: str


class CapacityView(View):
    """Counts. Memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class EventPage(View):
    """One page of a resource's events, newest first."""

    items: tuple[EventView, ...]
    next_cursor: str | None


class EventView(View):
    """One transition."""

    id: str
    type: str
    resource_type: str
    resource_id: str
    reason: str
    actor: str
    detail: str
    # RFC 3339, UTC, milliseconds
    at: datetime


class FiguresView(View):
    """What the machine was doing when it last said so."""

    # RFC 3339, UTC, milliseconds
    captured_at: datetime
    cpu_used_percent: float
    load_1m: float
    memory_used_mib: int
    disk_used_gib: int


class FreeView(View):
    """What can still be rented."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int


class GpuPriceView(View):
    """What a GPU of one model costs for an hour, in nano-USD."""

    model: str
    nanos_per_hour: int


class GpuView(View):
    """A GPU as renters see it."""

    model: str
    vram_mib: int


class HostCountsView(View):
    """How many hosts, and how many in each state that any is in."""

    total: int
    by_state: dict[str, int]


class NetworkView(View):
    """The host's network: speed of its link if known, guests' way out, and what it takes part in."""

    mbps: int | None
    egress: bool
    volume: bool
    global_networking: bool


class PricesView(View):
    """What a unit costs for an hour, in nano-USD. A GPU model that is not listed is not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: tuple[GpuPriceView, ...]
