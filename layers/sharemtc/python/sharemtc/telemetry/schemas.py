"""What goes in and out over HTTP for telemetry."""

from typing import Annotated, Literal

from pydantic import Field

from sharemtc.schemas import MAX_PAGE_SIZE, GivenId, Instant, PageQuery, Schema, View
from sharemtc.telemetry.kinds import Resolution, ResourceType
from sharemtc.wire import GivenInstant, LenientText, MetricType

MAX_SERIES_POINTS = 500
ResourceId = Annotated[GivenId, Field(description="Of a host (`hst_…`), a GPU (`GPU-…`) or a workload (`vm_…`)")]
From = Field(default=None, alias="from", description="Begin of the window; an hour before its end when left out")
To = Field(default=None, description="End of the window; now when left out")


class MetricsQuery(Schema):
    """One series: what of which resource, when, how finely."""

    resource_type: ResourceType
    resource_id: ResourceId
    metric_type: MetricType
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    resolution: Resolution | None = Field(default=None, description="By default the finest that the window bears")
    limit: int = Field(default=MAX_SERIES_POINTS, ge=1, le=MAX_SERIES_POINTS, description="Points per page")
    cursor: str | None = Field(default=None, max_length=2000, description="`next_cursor` of the page before")


class PointView(View):
    """One point: a measurement, or the mean of those in the step that begins at `captured_at`."""

    captured_at: Instant
    value: float
    min: float
    max: float
    samples: int


class SeriesPage(View):
    """Points in order of time; where nothing was measured there is none.

    Points are `resolution_s` apart at most; a longer gap is one in which nothing was measured.
    """

    items: list[PointView]
    resolution: Resolution
    resolution_s: int
    next_cursor: str | None


class SummaryQuery(Schema):
    """Which figures to sum up: one resource's, or those of all that the caller has."""

    resource_type: ResourceType | None = None
    resource_id: GivenId | None = None
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    limit: int = Field(default=50, ge=1, le=MAX_PAGE_SIZE, description="Items in the answer")


class SummaryView(View):
    """What one figure of one resource came to in the window."""

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
    """One item for each figure of each resource that has any in the window."""

    items: list[SummaryView]


class MetricCreate(Schema):
    """One measurement."""

    resource_type: ResourceType
    resource_id: ResourceId
    metric_type: MetricType
    value: float
    captured_at: GivenInstant


class MetricView(View):
    """A measurement as it was taken."""

    resource_type: ResourceType
    resource_id: str
    metric_type: MetricType
    value: float
    captured_at: Instant


class HealthCheckCreate(Schema):
    """The outcome of one check."""

    resource_type: ResourceType
    resource_id: ResourceId
    check_type: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    status: Literal["ok", "warning", "critical"]
    details: Annotated[str, LenientText(500)] = ""
    checked_at: GivenInstant


class HealthCheckView(View):
    """The outcome of one check."""

    resource_type: ResourceType
    resource_id: str
    check_type: str
    status: Literal["ok", "warning", "critical"]
    details: str
    checked_at: Instant


class HealthCheckQuery(PageQuery):
    """Whose checks; `latest` asks for the present word of each kind of check."""

    resource_type: ResourceType
    resource_id: ResourceId
    latest: bool = Field(default=False, description="Only the newest of each `check_type`")


class HealthCheckPage(View):
    """One page of checks, newest first. One that says again what was known is kept every quarter of an hour."""

    items: list[HealthCheckView]
    next_cursor: str | None


class AgentLogQuery(PageQuery):
    """Which host's log; `level` leaves out what is less grave."""

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
    """One page of lines, newest first."""

    items: list[AgentLogView]
    next_cursor: str | None
