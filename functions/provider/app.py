"""/v1/provider: the caller's own supply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharemtc.billing import earnings
from sharemtc.billing.schemas import EarningsView
from sharemtc.events.schemas import EventPage
from sharemtc.hosts import provider_api, updates
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity.offering import CapacityLeased
from sharemtc.hosts.enrollment import codes
from sharemtc.hosts.enrollment.schemas import EnrollmentCodeCreate, EnrollmentCodeStateView, EnrollmentCodeView
from sharemtc.hosts.pricing.price_books import BookFull
from sharemtc.hosts.pricing.schemas import MarketView, PriceBookCreate, PriceBookPage, PriceBookView
from sharemtc.hosts.providers import profiles
from sharemtc.hosts.providers.schemas import ProfileSet, ProviderView
from sharemtc.hosts.providers.service import ProviderBanned, TooManyHosts
from sharemtc.hosts.schemas import HostChange, HostPage, HostView, SelfTestPage
from sharemtc.hosts.transitions import HeldByOperator, HostEnded, WorkloadsLeft
from sharemtc.http.api import Api
from sharemtc.idempotency import Claim
from sharemtc.principals import ANYONE_SIGNED_IN, Principal
from sharemtc.problems import NotFound, PreconditionFailed
from sharemtc.requests import IfMatch
from sharemtc.schemas import PageQuery
from sharemtc.supply import service as supply
from sharemtc.supply.schemas import HostedAllocationPage, HostedAllocationQuery, OverviewView

if TYPE_CHECKING:
    from sharemtc.hosts.providers.table import Provider

app = Api("provider")


@app.operation("GET", "/v1/provider/profile", roles=ANYONE_SIGNED_IN, view=ProviderView)
def read_profile(caller: Principal) -> Provider:
    """The caller as a provider; at version 0 they are none yet."""
    return profiles.read_provider(caller.user_id)


@app.operation(
    "PUT",
    "/v1/provider/profile",
    roles=ANYONE_SIGNED_IN,
    view=ProviderView,
    errors=(ProviderBanned, PreconditionFailed),
)
def write_profile(caller: Principal, body: ProfileSet, if_match: IfMatch) -> Provider:
    """Name yourself as a provider, which makes you one."""
    return profiles.rename(caller.user_id, body.display_name, if_match)


@app.operation(
    "POST",
    "/v1/provider/enrollment-codes",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(ProviderBanned, TooManyHosts),
)
def create_enrollment_code(caller: Principal, body: EnrollmentCodeCreate, claim: Claim) -> EnrollmentCodeView:
    """A single-use code, valid for 15 minutes, with the command that makes a machine of yours join."""
    return codes.offer_code(profiles.ensure_provider(caller.user_id).id, body.name, claim)


@app.operation("GET", "/v1/provider/enrollment-codes/{code_id}", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def read_enrollment_code(caller: Principal, code_id: str) -> EnrollmentCodeStateView:
    """What became of a code: waiting, used by a machine, or expired."""
    return codes.code_state(caller.user_id, code_id)


@app.operation("GET", "/v1/provider/hosts", roles=ANYONE_SIGNED_IN)
def list_own_hosts(caller: Principal, query: PageQuery) -> HostPage:
    """The caller's own machines, newest first."""
    return provider_api.list_hosts(caller.user_id, query)


@app.operation("GET", "/v1/provider/hosts/{host_id}", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def read_own_host(caller: Principal, host_id: str) -> HostView:
    """One of the caller's machines."""
    return provider_api.view(hosts.find_own(caller.user_id, host_id))


@app.operation(
    "PATCH",
    "/v1/provider/hosts/{host_id}",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, PreconditionFailed, HostEnded, HeldByOperator),
)
def change_own_host(caller: Principal, host_id: str, body: HostChange, if_match: IfMatch) -> HostView:
    """Change a machine's name, region, labels, network features, maintenance window, or whether it drains."""
    host = hosts.find_own(caller.user_id, host_id)
    return provider_api.view(updates.change_host(host, body, if_match, actor=caller.user_id))


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/capacity",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, HostEnded, CapacityLeased),
)
def offer_capacity(caller: Principal, host_id: str) -> HostView:
    """Put on sale what the machine now reports: more, or less as far as nothing of it is leased."""
    return provider_api.offer_capacity(hosts.find_own(caller.user_id, host_id), caller.user_id)


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/retire",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, HostEnded, WorkloadsLeft),
)
def retire_own_host(caller: Principal, host_id: str) -> HostView:
    """End a machine's part for good, say one that is gone; nothing of it may be leased."""
    return provider_api.retire(hosts.find_own(caller.user_id, host_id), caller.user_id)


@app.operation("GET", "/v1/provider/hosts/{host_id}/events", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_host_events(caller: Principal, host_id: str, query: PageQuery) -> EventPage:
    """What happened to the machine, newest first."""
    return provider_api.list_events(hosts.find_own(caller.user_id, host_id), query)


@app.operation("GET", "/v1/provider/hosts/{host_id}/prices", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_prices(caller: Principal, host_id: str, query: PageQuery) -> PriceBookPage:
    """All versions of the machine's price book, newest first."""
    return provider_api.list_prices(hosts.find_own(caller.user_id, host_id), query)


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/prices",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, HostEnded, BookFull),
)
def publish_prices(caller: Principal, host_id: str, body: PriceBookCreate, claim: Claim) -> PriceBookView:
    """Publish a version of the machine's prices, for now or for a time to come.

    Machines that are rented keep the rate that they were rented at; a quote is honoured until it expires.
    """
    return provider_api.publish_prices(hosts.find_own(caller.user_id, host_id), body, claim, by=caller.user_id)


@app.operation("GET", "/v1/provider/hosts/{host_id}/self-tests", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_self_tests(caller: Principal, host_id: str, query: PageQuery) -> SelfTestPage:
    """What the machine tried on itself, newest first; the last fifty are kept."""
    return provider_api.list_self_tests(hosts.find_own(caller.user_id, host_id), query)


@app.operation("GET", "/v1/provider/market", roles=ANYONE_SIGNED_IN)
def read_market(caller: Principal) -> MarketView:
    """What hosts ask now for each unit and each GPU model: lowest, median, highest."""
    return provider_api.read_market()


@app.operation("GET", "/v1/provider/overview", roles=ANYONE_SIGNED_IN)
def read_overview(caller: Principal) -> OverviewView:
    """Your machines at a glance: their states and what is rented of them."""
    return supply.overview(caller.user_id)


@app.operation("GET", "/v1/provider/allocations", roles=ANYONE_SIGNED_IN)
def list_hosted_allocations(caller: Principal, query: HostedAllocationQuery) -> HostedAllocationPage:
    """What your machines carry and carried, the newest first. Who rents is not told."""
    return supply.list_allocations(caller.user_id, query)


@app.operation("GET", "/v1/provider/earnings", roles=ANYONE_SIGNED_IN)
def read_earnings(caller: Principal) -> EarningsView:
    """What your machines earned, day by day (UTC) and each."""
    return earnings.read(caller.user_id)
