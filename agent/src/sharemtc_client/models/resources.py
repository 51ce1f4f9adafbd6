"""What is sent and answered under /v1/resources. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sharemtc.wire import MetricType, Verb
from sharemtc_client.models.shared import (
    Amounts,
    CapacityChange,
    CapacityReport,
    CheckResult,
    CommandOutcome,
    Devices,
    EventPage,
    EventReason,
    EventResource,
    EventType,
    EventView,
    FundsLow,
    HeartbeatGap,
    HostState,
    MaintenanceWindow,
    MassSilence,
    PointView,
    PricesVersion,
    Status,
    UnbilledTime,
)
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "AgentLogPage",
    "AgentLogView",
    "Amounts",
    "CapacityChange",
    "CapacityReport",
    "CheckResult",
    "CommandOutcome",
    "Connect",
    "Desired",
    "Devices",
    "EventFeed",
    "EventPage",
    "EventReason",
    "EventResource",
    "EventType",
    "EventView",
    "FailureView",
    "FundsLow",
    "HealthCheckCreate",
    "HealthCheckPage",
    "HealthCheckView",
    "HeartbeatGap",
    "HostState",
    "MaintenanceWindow",
    "MassSilence",
    "MetricCreate",
    "MetricType",
    "MetricView",
    "Observed",
    "PhaseState",
    "PhaseView",
    "PointView",
    "PricesVersion",
    "Resolution",
    "ResourceType",
    "SeriesPage",
    "Status",
    "SummaryList",
    "SummaryView",
    "TemplatePage",
    "TemplateView",
    "UnbilledTime",
    "Verb",
    "VmCreate",
    "VmPage",
    "VmView",
]


class Desired(OpenEnum):
    """The state that the user wants."""

    RUNNING = "running"
    STOPPED = "stopped"
    GONE = "gone"


class Observed(OpenEnum):
    """The state that the host has proved."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPED = "stopped"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


class PhaseState(OpenEnum):
    """The progress of a phase."""

    DONE = "done"
    ACTIVE = "active"
    WAITING = "waiting"
    FAILED = "failed"


class Resolution(OpenEnum):
    """The steps of a series: as measured, or rolled up."""

    RAW = "raw"
    V_5M = "5m"
    V_1H = "1h"


class ResourceType(OpenEnum):
    """ResourceType"""

    HOST = "host"
    GPU = "gpu"
    VM = "vm"


class AgentLogPage(View):
    """Log lines, newest first."""

    items: tuple[AgentLogView, ...]
    next_cursor: str | None


class AgentLogView(View):
    """One line of an agent's log."""

    id: str
    # RFC 3339, UTC, milliseconds
    at: datetime
    level: Literal["debug", "info", "warning", "error"]
    source: str
    message: str


class Connect(View):
    """How to connect to the VM by SSH."""

    host: str
    port: int
    user: str
    command: str


class EventFeed(View):
    """Events since `after`, oldest first; some may be repeated. Send `cursor` as the next `after`."""

    items: tuple[EventView, ...]
    cursor: str


class FailureView(View):
    """Why the last operation failed."""

    code: str
    detail: str


class HealthCheckCreate(Body):
    """The result of one check."""

    resource_type: ResourceType
    # Id of a host (`hst_…`), a GPU (`GPU-…`) or a workload (`vm_…`)
    resource_id: str
    check_type: str
    status: Literal["ok", "warning", "critical"]
    details: str = ""
    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    checked_at: datetime


class HealthCheckPage(View):
    """Results of checks, newest first. Unchanged results are stored every 15 minutes."""

    items: tuple[HealthCheckView, ...]
    next_cursor: str | None


class HealthCheckView(View):
    """The result of one check."""

    resource_type: ResourceType
    resource_id: str
    check_type: str
    status: Literal["ok", "warning", "critical"]
    details: str
    # RFC 3339, UTC, milliseconds
    checked_at: datetime


class MetricCreate(Body):
    """One measurement."""

    resource_type: ResourceType
    # Id of a host (`hst_…`), a GPU (`GPU-…`) or a workload (`vm_…`)
    resource_id: str
    metric_type: MetricType
    value: float
    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    captured_at: datetime


class MetricView(View):
    """A stored measurement."""

    resource_type: ResourceType
    resource_id: str
    metric_type: MetricType
    value: float
    # RFC 3339, UTC, milliseconds
    captured_at: datetime


class PhaseView(View):
    """A step of the boot timeline."""

    name: str
    state: PhaseState
    started_at: datetime | None
    elapsed_ms: int | None


class SeriesPage(View):
    """Points ordered by time.

    Points are at most `resolution_s` apart; a longer gap means that nothing was measured.
    """

    items: tuple[PointView, ...]
    resolution: Resolution
    resolution_s: int
    next_cursor: str | None


class SummaryList(View):
    """One item per resource and metric with points in the window."""

    items: tuple[SummaryView, ...]


class SummaryView(View):
    """The summary of one metric of one resource in the window."""

    resource_type: ResourceType
    resource_id: str
    metric_type: MetricType
    samples: int
    min: float
    max: float
    avg: float
    last: float
    # RFC 3339, UTC, milliseconds
    last_at: datetime


class TemplatePage(View):
    """One page of templates."""

    items: tuple[TemplateView, ...]
    next_cursor: str | None


class TemplateView(View):
    """An image with its minimum size and the user for SSH."""

    id: str
    name: str
    description: str
    image: str
    min_vcpus: int
    min_memory_mib: int
    min_disk_gib: int
    default_user: str


class VmCreate(Body):
    """A VM to rent. `name` becomes its host name."""

    # Lower-case letters, digits and dashes
    name: str
    template_id: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    host_id: str | None = None
    quote_id: str | None = None
    ssh_key_ids: tuple[str, ...]


class VmPage(View):
    """One page of VMs."""

    items: tuple[VmView, ...]
    next_cursor: str | None


class VmView(View):
    """A VM: desired and proven state, cost, and the actions possible now. Money as of `as_of`."""

    id: str
    name: str
    status: Status
    desired: Desired
    observed: Observed
    generation: int
    version: int
    phases: tuple[PhaseView, ...]
    actions: tuple[Verb, ...]
    billable: bool
    host_id: str
    host_name: str
    # The host's current state; null once the workload has ended
    host_state: HostState | None
    # The host's last heartbeat; null once the workload has ended
    host_heard_at: datetime | None
    # Until when use is proven and counted in `spent_micros`
    proven_until: datetime | None
    # While its host is silent: from when it may be declared lost
    lost_declarable_at: datetime | None
    region: str
    template_id: str
    template_name: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    allocation_id: str
    rate_nanos_per_hour: int
    running_rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    spent_micros: int
    billed_s: int
    currency: str
    failure: FailureView | None
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    # RFC 3339, UTC, milliseconds
    as_of: datetime
    connect: Connect | None
