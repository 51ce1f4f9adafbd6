"""What is sent and answered under /v1/provider. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from sharemtc.wire import Accelerator, CapabilityName, Verb, Verdict
from sharemtc_client.models.shared import (
    Amounts,
    CapabilityView,
    CapacityChange,
    CapacityReport,
    CapacityView,
    CheckResult,
    CloudType,
    CommandOutcome,
    Devices,
    DeviceState,
    DeviceView,
    EventPage,
    EventReason,
    EventResource,
    EventType,
    EventView,
    FiguresView,
    FreeView,
    FundsLow,
    GpuPriceView,
    GpuView,
    HeartbeatGap,
    HostAction,
    HostCountsView,
    HostState,
    HostView,
    MaintenanceSet,
    MaintenanceView,
    MaintenanceWindow,
    MassSilence,
    NetworkView,
    OccupancyView,
    Presence,
    PricesVersion,
    PricesView,
    ProviderState,
    ProviderTier,
    ProviderView,
    ReliabilityView,
    SaleState,
    SaleView,
    SelfTestCheckView,
    SelfTestView,
    StateReason,
    UnavailableReason,
    UnbilledTime,
)
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "Accelerator",
    "AllocationState",
    "Amounts",
    "CapabilityName",
    "CapabilityView",
    "CapacityChange",
    "CapacityReport",
    "CapacityView",
    "CheckResult",
    "CloudType",
    "CodeState",
    "CommandOutcome",
    "DayEarningsView",
    "DeviceState",
    "DeviceView",
    "Devices",
    "EarningsView",
    "EnrollmentCodeCreate",
    "EnrollmentCodeStateView",
    "EnrollmentCodeView",
    "EventPage",
    "EventReason",
    "EventResource",
    "EventType",
    "EventView",
    "FiguresView",
    "FreeView",
    "FundsLow",
    "GpuPriceSet",
    "GpuPriceView",
    "GpuView",
    "HeartbeatGap",
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
    "MaintenanceWindow",
    "MarketItem",
    "MarketItemView",
    "MarketView",
    "MassSilence",
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
    "PricesVersion",
    "PricesView",
    "ProfileSet",
    "ProviderState",
    "ProviderTier",
    "ProviderView",
    "ReliabilityView",
    "SaleState",
    "SaleView",
    "SelfTestCheckView",
    "SelfTestPage",
    "SelfTestView",
    "StateReason",
    "UnavailableReason",
    "UnbilledTime",
    "Verb",
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
    """The state of an enrollment code."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"


class MarketItem(OpenEnum):
    """The unit that a price is for."""

    VCPU = "vcpu"
    MEMORY_GIB = "memory_gib"
    DISK_GIB = "disk_gib"
    NETWORK_100MBPS = "network_100mbps"
    GPU = "gpu"


class PriceState(OpenEnum):
    """Whether a version of a price book is current, future or past."""

    CURRENT = "current"
    FUTURE = "future"
    PAST = "past"


class DayEarningsView(View):
    """Earnings on one UTC day."""

    day: str
    amount_micros: int


class EarningsView(View):
    """A provider's share of posted amounts, less the platform's fee. Days are UTC; the thirty end today."""

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
    """A code for one host, with an optional name for it."""

    name: str | None = None


class EnrollmentCodeStateView(View):
    """The state of a code; `host_id` is the host that used it."""

    id: str
    state: CodeState
    host_id: str | None
    # RFC 3339, UTC, milliseconds
    expires_at: datetime


class EnrollmentCodeView(View):
    """A single-use code, shown once, with the command that installs the agent and uses it."""

    id: str
    code: str
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    install_command: str


class GpuPriceSet(Body):
    """The hourly price of one GPU of a model."""

    model: str
    nanos_per_hour: int


class HostChange(Body):
    """Changes to a host; fields that are left out stay unchanged. `maintenance: null` removes the window.

    `labels` replaces all labels; only the owner and operators see them.
    """

    name: str | None = None
    region: str | None = None
    labels: dict[str, JsonValue] | None = None
    network: NetworkSet | None = None
    maintenance: MaintenanceSet | None = None
    draining: bool | None = None


class HostEarningsView(View):
    """One host's earnings in thirty days."""

    host_id: str
    thirty_days_micros: int


class HostPage(View):
    """One page of a provider's own hosts."""

    items: tuple[HostView, ...]
    next_cursor: str | None


class HostedAllocationPage(View):
    """One page of allocations on the provider's hosts, newest first."""

    items: tuple[HostedAllocationView, ...]
    next_cursor: str | None


class HostedAllocationView(View):
    """An allocation on one of the provider's hosts; the renter's identity is not shown.

    `earned` is the provider's share of what is posted so far.
    """

    id: str
    host_id: str
    workload_id: str
    state: AllocationState
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int
    gpu_model: str | None
    running_rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    earned_micros: int
    currency: str
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    ended_at: datetime | None


class MarketItemView(View):
    """The lowest, median and highest hourly price of a unit or GPU model over `hosts` hosts, in nano-USD."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


class MarketView(View):
    """Market prices at `as_of`. The median of an even number is the mean of the middle two, rounded down."""

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
    """Network options offered to renters; fields that are left out stay unchanged."""

    volume: bool | None = None
    global_networking: bool | None = None


class OverviewView(View):
    """A provider's hosts at a glance."""

    hosts: HostCountsView
    occupancy: OccupancyView
    live_allocations: int
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class PriceBookCreate(Body):
    """A new version of a host's prices.

    Without `effective_at` it takes effect now; without bonus rows it keeps those of the current version.
    """

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
    """One version of a host's prices, in effect from `effective_at` until that of a later version."""

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
    """A provider's profile."""

    display_name: str


class SelfTestPage(View):
    """One page of a host's self-tests, newest first."""

    items: tuple[SelfTestView, ...]
    next_cursor: str | None
