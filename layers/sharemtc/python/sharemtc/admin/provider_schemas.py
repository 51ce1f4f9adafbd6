"""Providers for operators in the API, and operators' decisions."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sharemtc.accounts.schemas import EmailAddress
from sharemtc.hosts.enrollment.schemas import EnrollmentCodeCreate
from sharemtc.hosts.kinds import CloudType, ProviderState, ProviderTier
from sharemtc.hosts.providers.schemas import DisplayName, ProviderView
from sharemtc.hosts.schemas import HostView, MaintenanceSet
from sharemtc.ids import IdKind, pattern
from sharemtc.schemas import MAX_PAGE_SIZE, Instant, PageQuery, Schema, View
from sharemtc.supply.schemas import HostCountsView, OccupancyView
from sharemtc.telemetry.schemas import From, PointView, To
from sharemtc.wire import GivenInstant, MetricType, TextRule

MAX_REASON_CHARS = 500
MAX_SERIES_POINTS = 500
REASON_EXAMPLE = "sold machines that are not theirs"


class ProviderQuery(PageQuery):
    """Filters for providers. `search` is a part of the name, an id, or a whole e-mail address."""

    state: ProviderState | None = None
    tier: ProviderTier | None = None
    search: Annotated[str, TextRule(254, min_chars=1)] | None = None


class ProviderRow(View):
    """A provider in a list, with totals of its hosts that are not retired. `email` is null for a deleted account."""

    id: str = Field(examples=["usr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
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
    created_at: Instant


class ProviderPage(View):
    """One page of providers, newest users first."""

    items: list[ProviderRow]
    next_cursor: str | None


class ProviderCreate(Schema):
    """Make a user a provider. Without `display_name` it is the user's name."""

    email: EmailAddress
    display_name: DisplayName | None = None
    tier: ProviderTier


class ProviderHostsQuery(PageQuery):
    """Page of the provider's hosts."""

    limit: int = Field(default=MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE, description="Hosts per page")


class ProviderDetailView(ProviderView):
    """A provider with one page of its hosts, newest first; the counts are of all that are not retired."""

    email: str | None
    counts: HostCountsView
    occupancy: OccupancyView
    live_allocations: int
    thirty_days_micros: int
    pending_payout_micros: int
    currency: str
    hosts: list[HostView]
    next_cursor: str | None = Field(description="Of the next page of hosts")
    as_of: Instant


class ProviderChange(Schema):
    """Changes to a provider; fields that are left out stay unchanged. `reason` is required for all but the tier."""

    tier: ProviderTier | None = None
    draining: bool | None = None
    state: ProviderState | None = None
    reason: Annotated[str, TextRule(MAX_REASON_CHARS)] = Field(default="", examples=[REASON_EXAMPLE])

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if self.tier is None and self.draining is None and self.state is None:
            raise ValueError("Give a tier, a state, or draining.")
        if (self.state is not None or self.draining is not None) and not self.reason:
            raise ValueError("Give a reason.")
        return self


class HostDecision(Schema):
    """Changes to a host; fields that are left out stay unchanged. `maintenance: null` removes the window."""

    maintenance: MaintenanceSet | None = None
    draining: bool | None = None
    banned: bool | None = None
    cloud_type: CloudType | None = None
    reason: Annotated[str, TextRule(MAX_REASON_CHARS, min_chars=1)] = Field(examples=[REASON_EXAMPLE])

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise ValueError("Give at least one change.")
        if self.banned is not None and self.draining is not None:
            raise ValueError("Give either banned or draining.")
        return self


class HostLoss(Schema):
    """Why a host is declared lost; its owner and renters are notified."""

    reason: Annotated[str, TextRule(MAX_REASON_CHARS, min_chars=1)] = Field(
        examples=["burnt down with its data centre"]
    )


class InstallCommandView(View):
    """The command that enrolls a host, with `placeholder` in place of an enrollment code."""

    install_command: str
    placeholder: str


class ProviderEnrollmentCodeCreate(EnrollmentCodeCreate):
    """A code for one host of a provider; the caller's own unless `provider_id` is given."""

    provider_id: str | None = Field(default=None, pattern=pattern(IdKind.USER))


class ProviderEnrollmentCodeView(View):
    """A command that enrolls one host, valid once and for 15 minutes."""

    code_id: str
    install_command: str
    expires_at: Instant
    provider_id: str


class ProviderMetricsQuery(Schema):
    """The metric over a provider's hosts, and the time range: the last hour by default."""

    metric_type: MetricType
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    limit: int = Field(default=MAX_SERIES_POINTS, ge=1, le=MAX_SERIES_POINTS)


class ProviderSeriesView(View):
    """One metric over all hosts of a provider: means of percentages, loads and temperatures, else sums.

    Times without data have no point. `hosts` is the number of hosts included: the newest 200 at most.
    """

    items: list[PointView]
    metric_type: MetricType
    resolution_s: int
    hosts: int
