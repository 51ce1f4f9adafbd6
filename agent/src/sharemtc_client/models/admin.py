"""What is sent and answered under /v1/admin. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc.wire import Accelerator, CapabilityName, MetricType, Verdict
from sharemtc_client.models.shared import (
    AuditEvent,
    AuditVerdict,
    CapabilityView,
    CapacityView,
    CloudType,
    DeviceState,
    DeviceView,
    FiguresView,
    FreeView,
    GpuPriceView,
    GpuView,
    HostAction,
    HostCountsView,
    HostState,
    HostView,
    MaintenanceSet,
    MaintenanceView,
    NetworkView,
    OccupancyView,
    PointView,
    Presence,
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
    Status,
    UnavailableReason,
)
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "Accelerator",
    "AuditEvent",
    "AuditVerdict",
    "CapabilityName",
    "CapabilityView",
    "CapacityTotalsView",
    "CapacityView",
    "CloudType",
    "DecisionPage",
    "DecisionView",
    "DeviceState",
    "DeviceView",
    "FiguresView",
    "FreeView",
    "GpuPriceView",
    "GpuView",
    "HostAction",
    "HostCountsView",
    "HostDecision",
    "HostLoss",
    "HostState",
    "HostView",
    "InstallCommandView",
    "LiveCountView",
    "MaintenanceSet",
    "MaintenanceView",
    "MetricType",
    "NetworkView",
    "OccupancyView",
    "OpenRisksView",
    "PointView",
    "Presence",
    "PricesView",
    "ProviderChange",
    "ProviderCreate",
    "ProviderDetailView",
    "ProviderEnrollmentCodeCreate",
    "ProviderEnrollmentCodeView",
    "ProviderPage",
    "ProviderRow",
    "ProviderSeriesView",
    "ProviderState",
    "ProviderTier",
    "ProviderView",
    "ReliabilityView",
    "RiskAcknowledge",
    "RiskKind",
    "RiskPage",
    "RiskState",
    "RiskView",
    "SaleState",
    "SaleView",
    "SelfTestCheckView",
    "SelfTestView",
    "Severity",
    "StartingCreditsView",
    "StateReason",
    "StatsView",
    "Status",
    "UnavailableReason",
    "Verdict",
]


class RiskKind(OpenEnum):
    """What a rule can find."""

    DEVICE_CLAIMED_TWICE = "device_claimed_twice"
    DEVICE_GONE = "device_gone"
    CAPACITY_SHORT = "capacity_short"
    STARTS_FAILING = "starts_failing"
    KEY_COPIED = "key_copied"
    MASS_SILENCE = "mass_silence"
    HOST_SILENT = "host_silent"
    SELF_TEST_FAILED = "self_test_failed"
    CLOCK_SKEW = "clock_skew"
    PRICE_OUTLIER = "price_outlier"
    ENROLLMENT_GUESSING = "enrollment_guessing"
    PROOF_REFUSED = "proof_refused"
    PROTOCOL_UNSUPPORTED = "protocol_unsupported"
    METER_LEFT_OPEN = "meter_left_open"


class RiskState(OpenEnum):
    """open → acknowledged → resolved. Opens again when a resolved risk is seen again, or its severity rises."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(OpenEnum):
    """`info` can wait, `warning` needs a look today, `critical` does harm now."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class CapacityTotalsView(View):
    """Capacity of hosts that are neither retired nor banned, and free capacity of ready ones.

    Memory in MiB, disk in GiB.
    """

    vcpus_total: int
    vcpus_free: int
    memory_mib_total: int
    memory_mib_free: int
    disk_gib_total: int
    disk_gib_free: int
    gpus_total: int
    gpus_free: int


class DecisionPage(View):
    """Operators' decisions, the newest first."""

    items: tuple[DecisionView, ...]
    next_cursor: str | None


class DecisionView(View):
    """An operator's decision. `subject` names the chain of its month; the chain covers all of `detail`."""

    seq: int
    # RFC 3339, UTC, milliseconds
    at: datetime
    subject: str
    event: AuditEvent
    operator_id: str
    resource_id: str
    reason: str
    detail: dict[str, str]
    previous_hash: str
    hash: str


class HostDecision(Body):
    """Changes to a host; fields that are left out stay unchanged. `maintenance: null` removes the window."""

    maintenance: MaintenanceSet | None = None
    draining: bool | None = None
    banned: bool | None = None
    cloud_type: CloudType | None = None
    reason: str


class HostLoss(Body):
    """Why a host is declared lost; its owner and renters are notified."""

    reason: str


class InstallCommandView(View):
    """The command that enrolls a host, with `placeholder` in place of an enrollment code."""

    install_command: str
    placeholder: str


class LiveCountView(View):
    """LiveCountView"""

    live: int


class OpenRisksView(View):
    """Risks that are not resolved, and how many of them are critical."""

    open: int
    critical: int


class ProviderChange(Body):
    """Changes to a provider; fields that are left out stay unchanged. `reason` is required for all but the tier."""

    tier: ProviderTier | None = None
    draining: bool | None = None
    state: ProviderState | None = None
    reason: str = ""


class ProviderCreate(Body):
    """Make a user a provider. Without `display_name` it is the user's name."""

    email: str
    display_name: str | None = None
    tier: ProviderTier


class ProviderDetailView(View):
    """A provider with one page of its hosts, newest first; the counts are of all that are not retired."""

    id: str
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    # Whether operators drain all of its hosts
    draining: bool
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    version: int
    email: str | None
    counts: HostCountsView
    occupancy: OccupancyView
    live_allocations: int
    thirty_days_micros: int
    pending_payout_micros: int
    currency: str
    hosts: tuple[HostView, ...]
    # Of the next page of hosts
    next_cursor: str | None
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class ProviderEnrollmentCodeCreate(Body):
    """A code for one host of a provider; the caller's own unless `provider_id` is given."""

    name: str | None = None
    provider_id: str | None = None


class ProviderEnrollmentCodeView(View):
    """A command that enrolls one host, valid once and for 15 minutes."""

    code_id: str
    install_command: str
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    provider_id: str


class ProviderPage(View):
    """One page of providers, newest users first."""

    items: tuple[ProviderRow, ...]
    next_cursor: str | None


class ProviderRow(View):
    """A provider in a list, with totals of its hosts that are not retired. `email` is null for a deleted account."""

    id: str
    display_name: str
    email: str | None
    tier: ProviderTier
    state: ProviderState
    draining: bool
    hosts: int
    hosts_ready: int
    gpus_used: int
    gpus_total: int
    vcpus_used: int
    vcpus_total: int
    # RFC 3339, UTC, milliseconds
    created_at: datetime


class ProviderSeriesView(View):
    """One metric over all hosts of a provider: means of percentages, loads and temperatures, else sums.

    Times without data have no point. `hosts` is the number of hosts included: the newest 200 at most.
    """

    items: tuple[PointView, ...]
    metric_type: MetricType
    resolution_s: int
    hosts: int


class RiskAcknowledge(Body):
    """Acknowledges a risk; `note` says what is done about it."""

    note: str = ""


class RiskPage(View):
    """Risks, the newest first."""

    items: tuple[RiskView, ...]
    next_cursor: str | None


class RiskView(View):
    """A risk of one resource. `count` is how often a rule saw it since it opened.

    `version` grows with decisions and changes of severity, not each time it is seen.
    """

    id: str
    kind: RiskKind
    severity: Severity
    resource_type: str
    resource_id: str
    owner_id: str | None
    detail: str
    state: RiskState
    count: int
    # RFC 3339, UTC, milliseconds
    first_seen_at: datetime
    # RFC 3339, UTC, milliseconds
    last_seen_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    resolved_at: datetime | None
    version: int


class StartingCreditsView(View):
    """The credit of new accounts, `given_today` of at most `per_day` on a UTC day.

    `needs_proof`: it is given once the address is verified.
    """

    amount_micros: int
    needs_proof: bool
    given_today: int
    per_day: int


class StatsView(View):
    """The platform's figures at `as_of`.

    `workloads` counts those that are billed, by status; `burn` is their total cost per hour.
    """

    users: int
    providers: int
    hosts: HostCountsView
    capacity: CapacityTotalsView
    allocations: LiveCountView
    workloads: dict[str, int]
    burn_nanos_per_hour: int
    risks: OpenRisksView
    starting_credits: StartingCreditsView
    currency: str
    # RFC 3339, UTC, milliseconds
    as_of: datetime
