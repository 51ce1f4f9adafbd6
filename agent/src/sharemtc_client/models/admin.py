"""What is sent and answered under /v1/admin. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc_client.models.shared import AuditVerdict, HostCountsView, HostState, Status
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "ActPage",
    "ActView",
    "AuditVerdict",
    "CapacityTotalsView",
    "HostCountsView",
    "HostState",
    "LiveCountView",
    "OpenRisksView",
    "RiskAcknowledge",
    "RiskKind",
    "RiskPage",
    "RiskState",
    "RiskView",
    "Severity",
    "StatsView",
    "Status",
]


class RiskKind(OpenEnum):
    """What a rule over real data can find."""

    DEVICE_CLAIMED_TWICE = "device_claimed_twice"
    KEY_COPIED = "key_copied"
    MASS_SILENCE = "mass_silence"
    HOST_SILENT = "host_silent"
    SELF_TEST_FAILED = "self_test_failed"
    CLOCK_SKEW = "clock_skew"
    PRICE_OUTLIER = "price_outlier"
    ENROLLMENT_GUESSING = "enrollment_guessing"


class RiskState(OpenEnum):
    """open → acknowledged → resolved; a resolved one that is seen again opens again, as does one that grew worse."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(OpenEnum):
    """`info` may wait, `warning` wants a look today, `critical` harms someone now."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class ActPage(View):
    """One page of what operators did, the newest first."""

    items: tuple[ActView, ...]
    next_cursor: str | None


class ActView(View):
    """What an operator did. `subject` names the chain, one for each month; `detail` all that the chain covers."""

    seq: int
    # RFC 3339, UTC, milliseconds
    at: datetime
    subject: str
    event: str
    operator_id: str
    resource_id: str
    reason: str
    detail: dict[str, str]
    previous_hash: str
    hash: str


class CapacityTotalsView(View):
    """What hosts that take part offer, and what of it can be rented now: on ready hosts. Memory in MiB, disk in GiB."""

    vcpus_total: int
    vcpus_free: int
    memory_mib_total: int
    memory_mib_free: int
    disk_gib_total: int
    disk_gib_free: int
    gpus_total: int
    gpus_free: int


class LiveCountView(View):
    """How many are live."""

    live: int


class OpenRisksView(View):
    """Risks that are not resolved, and how many of them are critical."""

    open: int
    critical: int


class RiskAcknowledge(Body):
    """Someone looks after it; `note` says how."""

    note: str = ""


class RiskPage(View):
    """One page of risks, the newest first."""

    items: tuple[RiskView, ...]
    next_cursor: str | None


class RiskView(View):
    """What a rule found of one thing, and what has become of it. `count` is how often it was seen since it opened.

    `version` grows with decisions and changes of severity, not with every time it is seen.
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


class StatsView(View):
    """The platform as of `as_of`, from the records themselves.

    `workloads` counts those that are paid for by their status; `burn` is what they cost all renters together an
    hour.
    """

    users: int
    providers: int
    hosts: HostCountsView
    capacity: CapacityTotalsView
    allocations: LiveCountView
    workloads: dict[str, int]
    burn_nanos_per_hour: int
    risks: OpenRisksView
    currency: str
    # RFC 3339, UTC, milliseconds
    as_of: datetime
