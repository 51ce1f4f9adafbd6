"""What is sent and answered by several groups. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc.wire import Accelerator, CapabilityName, Verdict
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "AuditVerdict",
    "CapabilityView",
    "CapacityView",
    "CloudType",
    "DeviceState",
    "DeviceView",
    "EventPage",
    "EventView",
    "FiguresView",
    "FreeView",
    "GpuPriceView",
    "GpuView",
    "HostAction",
    "HostCountsView",
    "HostState",
    "HostView",
    "MaintenanceSet",
    "MaintenanceView",
    "NetworkView",
    "OccupancyView",
    "PointView",
    "Presence",
    "PricesView",
    "ProviderState",
    "ProviderTier",
    "ProviderView",
    "ReliabilityView",
    "SelfTestCheckView",
    "SelfTestView",
    "Status",
]


class CloudType(OpenEnum):
    """`secure` is a machine in a data centre that operators have checked."""

    COMMUNITY = "community"
    SECURE = "secure"


class DeviceState(OpenEnum):
    """Whether a GPU can be rented; `not_offered` are those that are partitioned or were never put on sale.

    `withheld` are on offer and not leased, but cannot be used as things are: their machine has partitioned them
    since, or cannot ask its driver.
    """

    FREE = "free"
    LEASED = "leased"
    WITHHELD = "withheld"
    NOT_OFFERED = "not_offered"


class HostAction(OpenEnum):
    """What its owner may do with a host now."""

    CHANGE = "change"
    SET_PRICES = "set_prices"
    DRAIN = "drain"
    RESUME = "resume"
    SET_MAINTENANCE = "set_maintenance"
    END_MAINTENANCE = "end_maintenance"
    OFFER_CAPACITY = "offer_capacity"
    RETIRE = "retire"


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


class Presence(OpenEnum):
    """Whether a host is heard, whatever people decided about it."""

    NEVER = "never"
    LIVE = "live"
    SUSPECT = "suspect"
    OFFLINE = "offline"


class ProviderState(OpenEnum):
    """A banned provider gets no codes, enrols nothing, and its hosts are shut out."""

    ACTIVE = "active"
    BANNED = "banned"


class ProviderTier(OpenEnum):
    """How well the platform knows a provider; operators decide."""

    COMMUNITY = "community"
    VERIFIED = "verified"
    SECURE = "secure"


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


class CapabilityView(View):
    """One ability of the machine as it was tried; `detail` says what was seen."""

    name: CapabilityName
    available: bool
    detail: str


class CapacityView(View):
    """Counts. Memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class DeviceView(View):
    """A GPU as the host's owner sees it."""

    model: str
    vram_mib: int
    uuid: str
    mig: bool
    state: DeviceState
    driver_version: str
    cuda_version: str


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
    """How many hosts that are not retired, and how many in each state that any is in."""

    total: int
    by_state: dict[str, int]


class HostView(View):
    """A host as its owner sees it.

    `presence` is whether it is heard, whatever its state. `reported` is what the machine could sell; it is put on
    sale (`sellable`) by the action `offer_capacity`. `withheld` is on offer and not for sale while the machine
    reports less. `actions` are what may be done now.
    """

    id: str
    name: str
    region: str
    cloud_type: CloudType
    state: HostState
    unavailable_reason: str | None
    cpu_model: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: tuple[GpuView, ...]
    network: NetworkView
    accelerator: Accelerator | None
    images: tuple[str, ...]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: datetime | None
    reliability: ReliabilityView | None
    currency: str
    os: str
    kernel: str
    agent_version: str
    platform: str
    arch: str
    accelerator_note: str
    gpu_note: str
    # RFC 3339, UTC, milliseconds
    enrolled_at: datetime
    state_reason: str
    # RFC 3339, UTC, milliseconds
    state_at: datetime
    presence: Presence
    labels: dict[str, str]
    capabilities: tuple[CapabilityView, ...]
    devices: tuple[DeviceView, ...]
    reported: FreeView
    withheld: FreeView
    self_test: SelfTestView | None
    maintenance: MaintenanceView | None
    actions: tuple[HostAction, ...]
    version: int


class MaintenanceSet(Body):
    """A window in which the host takes no new work, at most 30 days long. What runs goes on."""

    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    starts_at: datetime
    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    ends_at: datetime
    reason: str = ""


class MaintenanceView(View):
    """A window in which the host takes no new work; `by_operator`: only an operator may change it."""

    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
    ends_at: datetime
    reason: str
    by_operator: bool


class NetworkView(View):
    """The host's network: speed of its link if known, guests' way out, and what it takes part in."""

    mbps: int | None
    egress: bool
    volume: bool
    global_networking: bool


class OccupancyView(View):
    """What is rented of what is offered. Memory in MiB, disk in GiB."""

    vcpus_used: int
    vcpus_total: int
    memory_mib_used: int
    memory_mib_total: int
    disk_gib_used: int
    disk_gib_total: int
    gpus_used: int
    gpus_total: int


class PointView(View):
    """One point: a measurement, or the mean of those in the step that begins at `captured_at`."""

    # RFC 3339, UTC, milliseconds
    captured_at: datetime
    value: float
    min: float
    max: float
    samples: int


class PricesView(View):
    """What a unit costs for an hour, in nano-USD. A GPU model that is not listed is not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: tuple[GpuPriceView, ...]


class ProviderView(View):
    """A provider. `version` is 0 for a user who is none yet."""

    id: str
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    # Whether operators let none of its hosts take new work
    draining: bool
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    version: int


class ReliabilityView(View):
    """How well the host kept its word over the last `window_days`, computed once an hour. See docs/reliability.md."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    # Observed for less than seven days
    provisional: bool


class SelfTestCheckView(View):
    """One thing that the host tried. `value` is what it measured, in `unit`, where there is a figure."""

    name: str
    verdict: Verdict
    detail: str
    value: float | None
    unit: str


class SelfTestView(View):
    """A self-test as the host reported it; `verdict` is the worst of its checks."""

    id: str
    verdict: Verdict
    # RFC 3339, UTC, milliseconds
    started_at: datetime
    # RFC 3339, UTC, milliseconds
    finished_at: datetime
    # RFC 3339, UTC, milliseconds
    received_at: datetime
    agent_version: str
    checks: tuple[SelfTestCheckView, ...]
