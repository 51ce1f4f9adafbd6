"""What is sent and answered under /v1/provider. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from sharemtc.wire import Accelerator, CapabilityName, Verdict
from sharemtc_client.models.shared import (
    CapacityView,
    CloudType,
    EventPage,
    EventView,
    FiguresView,
    FreeView,
    GpuPriceView,
    GpuView,
    HostCountsView,
    HostState,
    NetworkView,
    PricesView,
)
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "Accelerator",
    "AllocationState",
    "CapabilityName",
    "CapabilityView",
    "CapacityView",
    "CloudType",
    "CodeState",
    "DayEarningsView",
    "DeviceState",
    "DeviceView",
    "EarningsView",
    "EnrollmentCodeCreate",
    "EnrollmentCodeStateView",
    "EnrollmentCodeView",
    "EventPage",
    "EventView",
    "FiguresView",
    "FreeView",
    "GpuPriceSet",
    "GpuPriceView",
    "GpuView",
    "HostAction",
    "HostChange",
    "HostCountsView",
    "HostEarningsView",
    "HostPage",
    "HostState",
    "HostView",
    "HostedAllocationPage",
    "HostedAllocationView",
    "MaintenanceSet",
    "MaintenanceView",
    "MarketItem",
    "MarketItemView",
    "MarketView",
    "NetworkBonusSet",
    "NetworkBonusView",
    "NetworkSet",
    "NetworkView",
    "OccupancyView",
    "OverviewView",
    "Presence",
    "PriceBookCreate",
    "PriceBookPage",
    "PriceBookView",
    "PriceState",
    "PricesView",
    "ProfileSet",
    "ProviderState",
    "ProviderTier",
    "ProviderView",
    "ReliabilityView",
    "SelfTestCheckView",
    "SelfTestPage",
    "SelfTestView",
    "Verdict",
]


class AllocationState(OpenEnum):
    """reserved → provisioning → active ⇄ stopped → terminating → terminated; or failed, lost."""

    RESERVED = "reserved"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    STOPPED = "stopped"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


class CodeState(OpenEnum):
    """What became of an enrolment code."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"


class DeviceState(OpenEnum):
    """Whether a GPU can be rented; `not_offered` are those that are partitioned or were never put on sale."""

    FREE = "free"
    LEASED = "leased"
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


class MarketItem(OpenEnum):
    """What a price is for."""

    VCPU = "vcpu"
    MEMORY_GIB = "memory_gib"
    DISK_GIB = "disk_gib"
    NETWORK_100MBPS = "network_100mbps"
    GPU = "gpu"


class Presence(OpenEnum):
    """Whether a host is heard, whatever people decided about it."""

    NEVER = "never"
    LIVE = "live"
    SUSPECT = "suspect"
    OFFLINE = "offline"


class PriceState(OpenEnum):
    """Where a version of a price book stands in time."""

    CURRENT = "current"
    FUTURE = "future"
    PAST = "past"


class ProviderState(OpenEnum):
    """A banned provider gets no codes, enrols nothing, and its hosts are shut out."""

    ACTIVE = "active"
    BANNED = "banned"


class ProviderTier(OpenEnum):
    """How well the platform knows a provider; operators decide."""

    COMMUNITY = "community"
    VERIFIED = "verified"
    SECURE = "secure"


class CapabilityView(View):
    """One ability of the machine as it was tried; `detail` says what was seen."""

    name: CapabilityName
    available: bool
    detail: str


class DayEarningsView(View):
    """What a UTC day brought."""

    day: str
    amount_micros: int


class DeviceView(View):
    """A GPU as the host's owner sees it."""

    model: str
    vram_mib: int
    uuid: str
    mig: bool
    state: DeviceState
    driver_version: str
    cuda_version: str


class EarningsView(View):
    """A provider's share of what was posted, less the platform's fee. Days are UTC; the thirty end today."""

    today_micros: int
    month_micros: int
    thirty_days_micros: int
    # Earned and not paid out yet
    pending_payout_micros: int
    per_host: tuple[HostEarningsView, ...]
    # The thirty days, oldest first, days without earnings too
    days: tuple[DayEarningsView, ...]
    currency: str
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class EnrollmentCodeCreate(Body):
    """A code for one machine, optionally under a name of the owner's choice."""

    name: str | None = None


class EnrollmentCodeStateView(View):
    """What became of a code: `host_id` is the machine that used it."""

    id: str
    state: CodeState
    host_id: str | None
    # RFC 3339, UTC, milliseconds
    expires_at: datetime


class EnrollmentCodeView(View):
    """A single-use code, shown once, and the command that uses it."""

    id: str
    code: str
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    install_command: str


class GpuPriceSet(Body):
    """What a GPU of one model costs for an hour."""

    model: str
    nanos_per_hour: int


class HostChange(Body):
    """What to change of a host; what is left out stays. `maintenance: null` drops the window.

    `labels` replaces all labels; only the owner and operators see them.
    """

    name: str | None = None
    region: str | None = None
    labels: dict[str, JsonValue] | None = None
    network: NetworkSet | None = None
    maintenance: MaintenanceSet | None = None
    draining: bool | None = None


class HostEarningsView(View):
    """What one host earned in thirty days."""

    host_id: str
    thirty_days_micros: int


class HostPage(View):
    """One page of a provider's own hosts."""

    items: tuple[HostView, ...]
    next_cursor: str | None


class HostView(View):
    """A host as its owner sees it.

    `presence` is whether it is heard, whatever its state. `reported` is what the machine could sell; it is put on
    sale (`sellable`) by the action `offer_capacity`. `actions` are what may be done now.
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
    self_test: SelfTestView | None
    reliability: ReliabilityView | None
    maintenance: MaintenanceView | None
    actions: tuple[HostAction, ...]
    version: int


class HostedAllocationPage(View):
    """One page of allocations on the provider's hosts, newest first."""

    items: tuple[HostedAllocationView, ...]
    next_cursor: str | None


class HostedAllocationView(View):
    """A slice of one of the provider's hosts that someone rents or rented. Who, is not the provider's to know.

    `earned` is the provider's share of what is posted so far.
    """

    id: str
    host_id: str
    workload_id: str
    state: AllocationState
    vcpus: int
    memory_mib: int
    disk_gib: int
    running_rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    earned_micros: int
    currency: str
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    ended_at: datetime | None


class MaintenanceSet(Body):
    """A window in which the host takes no new work, at most 30 days long. What runs goes on."""

    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
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


class MarketItemView(View):
    """What `hosts` hosts ask for a unit, or a GPU of one model, for an hour, in nano-USD."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


class MarketView(View):
    """What is asked on the market at `as_of`; the median of an even number is the mean of the middle two, floored."""

    items: tuple[MarketItemView, ...]
    currency: str
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class NetworkBonusSet(Body):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int
    bonus_bps: int


class NetworkBonusView(View):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int
    bonus_bps: int


class NetworkSet(Body):
    """What the machine's network offers to renters; what is left out stays."""

    volume: bool | None = None
    global_networking: bool | None = None


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


class OverviewView(View):
    """A provider's hosts at a glance."""

    hosts: HostCountsView
    occupancy: OccupancyView
    live_allocations: int
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class PriceBookCreate(Body):
    """A version of a host's prices. Without `effective_at` it holds from now; without bonus rows it has the present."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int = 0
    gpus: tuple[GpuPriceSet, ...] = ()
    network_bonus: tuple[NetworkBonusSet, ...] | None = None
    effective_at: datetime | None = None


class PriceBookPage(View):
    """One page of a host's price versions, newest first."""

    items: tuple[PriceBookView, ...]
    next_cursor: str | None


class PriceBookView(View):
    """One version of a host's prices. It holds from `effective_at` until that of a later one."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: tuple[GpuPriceView, ...]
    version: int
    # RFC 3339, UTC, milliseconds
    effective_at: datetime
    network_bonus: tuple[NetworkBonusView, ...]
    state: PriceState
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    created_by: str
    currency: str


class ProfileSet(Body):
    """How a provider is called."""

    display_name: str


class ProviderView(View):
    """A provider. `version` is 0 for a user who is none yet."""

    id: str
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    version: int


class ReliabilityView(View):
    """How well the host kept its word over the last `window_days`."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int


class SelfTestCheckView(View):
    """One thing that the host tried. `value` is what it measured, in `unit`, where there is a figure."""

    name: str
    verdict: Verdict
    detail: str
    value: float | None
    unit: str


class SelfTestPage(View):
    """One page of a host's self-tests, newest first."""

    items: tuple[SelfTestView, ...]
    next_cursor: str | None


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
