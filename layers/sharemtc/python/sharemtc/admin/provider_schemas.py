"""What goes in and out over HTTP for providers as operators see them, and for what operators decide."""

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
    """Which providers. `search` is a part of the name, an id, or a whole e-mail address."""

    state: ProviderState | None = None
    tier: ProviderTier | None = None
    search: Annotated[str, TextRule(254, min_chars=1)] | None = None


class ProviderRow(View):
    """A provider in a list, with what its hosts come to but retired ones. `email` null: the account is deleted."""

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
    """One page of providers, the newest users first."""

    items: list[ProviderRow]
    next_cursor: str | None


class ProviderCreate(Schema):
    """Make a user a provider. Without `display_name` the user's own name."""

    email: EmailAddress
    display_name: DisplayName | None = None
    tier: ProviderTier


class ProviderHostsQuery(PageQuery):
    """Which of the provider's hosts."""

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
    """What to decide of a provider; what is left out stays. `reason` is needed for all but the tier."""

    tier: ProviderTier | None = None
    draining: bool | None = None
    state: ProviderState | None = None
    reason: Annotated[str, TextRule(MAX_REASON_CHARS)] = Field(default="", examples=[REASON_EXAMPLE])

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if self.tier is None and self.draining is None and self.state is None:
            raise ValueError("Give a tier, a state, or whether it drains.")
        if (self.state is not None or self.draining is not None) and not self.reason:
            raise ValueError("Give a reason.")
        return self


class HostDecision(Schema):
    """What to decide of a host; what is left out stays, `maintenance: null` drops the window."""

    maintenance: MaintenanceSet | None = None
    draining: bool | None = None
    banned: bool | None = None
    cloud_type: CloudType | None = None
    reason: Annotated[str, TextRule(MAX_REASON_CHARS, min_chars=1)] = Field(examples=[REASON_EXAMPLE])

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise ValueError("Give what to change.")
        if self.banned is not None and self.draining is not None:
            raise ValueError("A host is banned, or it drains: give one of both.")
        return self


class HostLoss(Schema):
    """Why a host is declared lost; its owner and those who rented on it are told."""

    reason: Annotated[str, TextRule(MAX_REASON_CHARS, min_chars=1)] = Field(
        examples=["burnt down with its data centre"]
    )


class InstallCommandView(View):
    """The command that makes a machine join, with `placeholder` where an enrollment code goes."""

    install_command: str
    placeholder: str


class ProviderEnrollmentCodeCreate(EnrollmentCodeCreate):
    """A code for one machine of a provider; the caller's own unless `provider_id` names one."""

    provider_id: str | None = Field(default=None, pattern=pattern(IdKind.USER))


class ProviderEnrollmentCodeView(View):
    """A command that makes one machine join, good once and for 15 minutes."""

    code_id: str
    install_command: str
    expires_at: Instant
    provider_id: str


class ProviderMetricsQuery(Schema):
    """What over the provider's hosts, and when: the hour before now unless named."""

    metric_type: MetricType
    from_: GivenInstant | None = From
    to: GivenInstant | None = To
    limit: int = Field(default=MAX_SERIES_POINTS, ge=1, le=MAX_SERIES_POINTS)


class ProviderSeriesView(View):
    """One figure over all hosts of a provider. Percentages, loads and temperatures are means, everything else sums.

    Where no host told anything there is no point. `hosts` is how many were asked: the newest 200 at most.
    """

    items: list[PointView]
    metric_type: MetricType
    resolution_s: int
    hosts: int
