"""Queries, bodies and responses of telemetry."""

from typing import Annotated, Literal

from pydantic import Field

from sharemtc.schemas import MAX_PAGE_SIZE, GivenId, Instant, PageQuery, Schema, View
from sharemtc.telemetry.kinds import Resolution, ResourceType
from sharemtc.wire import GivenInstant, LenientText, MetricType

MAX_SERIES_POINTS = 500
ResourceId = Annotated[GivenId, Field(description="Id of a host (`hst_…`), a GPU (`GPU-…`) or a workload (`vm_…`)")]
From = Field(default=None, alias="from", description="Start of the window; by default an hour before its end")
To = Field(default=None, description="End of the window; by default now")


class MetricsQuery(Schema):
    """One metric of one resource in a window."""

    resource_type: ResourceType
    resource_id: ResourceId
    metric_type: MetricType
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    resolution: Resolution | None = Field(default=None, description="By default the finest for the window")
    limit: int = Field(default=MAX_SERIES_POINTS, ge=1, le=MAX_SERIES_POINTS, description="Points per page")
    cursor: str | None = Field(default=None, max_length=2000, description="`next_cursor` of the previous page")


class PointView(View):
    """One point: a measurement, or the mean of the step that starts at `captured_at`."""

    captured_at: Instant
    value: float
    min: float
    max: float
    samples: int


class SeriesPage(View):
    """Points ordered by time.

    Points are at most `resolution_s` apart; a longer gap means that nothing was measured.
    """

    items: list[PointView]
    resolution: Resolution
    resolution_s: int
    next_cursor: str | None


class SummaryQuery(Schema):
    """The resource to summarize; by default all of the caller's."""

    resource_type: ResourceType | None = None
    resource_id: GivenId | None = None
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    limit: int = Field(default=50, ge=1, le=MAX_PAGE_SIZE, description="Items in the response")


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
    last_at: Instant


class SummaryList(View):
    """One item per resource and metric with points in the window."""

    items: list[SummaryView]


class MetricCreate(Schema):
    """One measurement."""

    resource_type: ResourceType
    resource_id: ResourceId
    metric_type: MetricType
    value: float
    captured_at: GivenInstant


class MetricView(View):
    """A stored measurement."""

    resource_type: ResourceType
    resource_id: str
    metric_type: MetricType
    value: float
    captured_at: Instant


class HealthCheckCreate(Schema):
    """The result of one check."""

    resource_type: ResourceType
    resource_id: ResourceId
    check_type: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    status: Literal["ok", "warning", "critical"]
    details: Annotated[str, LenientText(500)] = ""
    checked_at: GivenInstant


class HealthCheckView(View):
    """The result of one check."""

    resource_type: ResourceType
    resource_id: str
    check_type: str
    status: Literal["ok", "warning", "critical"]
    details: str
    checked_at: Instant


class HealthCheckQuery(PageQuery):
    """The checks of one resource; `latest` selects the current result of each check."""

    resource_type: ResourceType
    resource_id: ResourceId
    latest: bool = Field(default=False, description="Only the newest of each `check_type`")


class HealthCheckPage(View):
    """Results of checks, newest first. Unchanged results are stored every 15 minutes."""

    items: list[HealthCheckView]
    next_cursor: str | None


class AgentLogQuery(PageQuery):
    """The log of one host; `level` is the lowest severity."""

    host_id: GivenId
    level: Literal["debug", "info", "warning", "error"] | None = None


class AgentLogView(View):
    """One line of an agent's log."""

    id: str
    at: Instant
    level: Literal["debug", "info", "warning", "error"]
    source: str
    message: str


class AgentLogPage(View):
    """Log lines, newest first."""

    items: list[AgentLogView]
    next_cursor: str | None
