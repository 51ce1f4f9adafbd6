"""/v1/provider: the caller's hosts, their prices and earnings."""

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
from sharemtc.hosts.pricing.price_books import PriceBookFull
from sharemtc.hosts.pricing.schemas import MarketView, PriceBookCreate, PriceBookPage, PriceBookView
from sharemtc.hosts.providers import profiles
from sharemtc.hosts.providers.schemas import ProfileSet, ProviderView
from sharemtc.hosts.providers.service import ProviderBanned, TooManyHosts
from sharemtc.hosts.schemas import HostChange, HostPage, HostView, SelfTestPage
from sharemtc.hosts.state_changes import HostEnded
from sharemtc.hosts.transitions import HeldByOperator, WorkloadsLeft
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
    """Get the caller's provider profile.

    Version 0 means that the caller is not a provider yet.
    """
    return profiles.read_provider(caller.user_id)


@app.operation(
    "PUT",
    "/v1/provider/profile",
    roles=ANYONE_SIGNED_IN,
    view=ProviderView,
    errors=(ProviderBanned, PreconditionFailed),
)
def write_profile(caller: Principal, body: ProfileSet, if_match: IfMatch) -> Provider:
    """Set the caller's provider name.

    The first call makes the caller a provider.
    """
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
    """Create an enrollment code for a host of the caller.

    The code works once, within 15 minutes. The response has the install command.
    """
    return codes.create_code(profiles.ensure_provider(caller.user_id).id, body.name, claim)


@app.operation("GET", "/v1/provider/enrollment-codes/{code_id}", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def read_enrollment_code(caller: Principal, code_id: str) -> EnrollmentCodeStateView:
    """Get the state of an enrollment code: waiting, used or expired."""
    return codes.code_state(caller.user_id, code_id)


@app.operation("GET", "/v1/provider/hosts", roles=ANYONE_SIGNED_IN)
def list_own_hosts(caller: Principal, query: PageQuery) -> HostPage:
    """List the caller's hosts, newest first."""
    return provider_api.list_hosts(caller.user_id, query)


@app.operation("GET", "/v1/provider/hosts/{host_id}", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def read_own_host(caller: Principal, host_id: str) -> HostView:
    """Get one of the caller's hosts."""
    return provider_api.view(hosts.find_own(caller.user_id, host_id))


@app.operation(
    "PATCH",
    "/v1/provider/hosts/{host_id}",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, PreconditionFailed, HostEnded, HeldByOperator),
)
def change_own_host(caller: Principal, host_id: str, body: HostChange, if_match: IfMatch) -> HostView:
    """Change a host's name, region, labels, network features or maintenance window, or drain it."""
    host = hosts.find_own(caller.user_id, host_id)
    return provider_api.view(updates.change_host(host, body, if_match, actor=caller.user_id))


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/capacity",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, HostEnded, CapacityLeased),
)
def offer_capacity(caller: Principal, host_id: str) -> HostView:
    """Offer the capacity that the host now reports.

    It can only shrink by what is not allocated.
    """
    return provider_api.offer_capacity(hosts.find_own(caller.user_id, host_id), caller.user_id)


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/retire",
    roles=ANYONE_SIGNED_IN,
    errors=(NotFound, HostEnded, WorkloadsLeft),
)
def retire_own_host(caller: Principal, host_id: str) -> HostView:
    """Retire a host for good.

    It must have no workloads.
    """
    return provider_api.retire(hosts.find_own(caller.user_id, host_id), caller.user_id)


@app.operation("GET", "/v1/provider/hosts/{host_id}/events", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_host_events(caller: Principal, host_id: str, query: PageQuery) -> EventPage:
    """List a host's events, newest first."""
    return provider_api.list_events(hosts.find_own(caller.user_id, host_id), query)


@app.operation("GET", "/v1/provider/hosts/{host_id}/prices", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_prices(caller: Principal, host_id: str, query: PageQuery) -> PriceBookPage:
    """List the versions of a host's price book, newest first."""
    return provider_api.list_prices(hosts.find_own(caller.user_id, host_id), query)


@app.operation(
    "POST",
    "/v1/provider/hosts/{host_id}/prices",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, HostEnded, PriceBookFull),
)
def publish_prices(caller: Principal, host_id: str, body: PriceBookCreate, claim: Claim) -> PriceBookView:
    """Publish a version of a host's price book, effective now or later.

    Running rentals keep their rate. Quotes stay valid until they expire.
    """
    return provider_api.publish_prices(hosts.find_own(caller.user_id, host_id), body, claim, by=caller.user_id)


@app.operation("GET", "/v1/provider/hosts/{host_id}/self-tests", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_self_tests(caller: Principal, host_id: str, query: PageQuery) -> SelfTestPage:
    """List a host's self-tests, newest first.

    The last fifty are kept.
    """
    return provider_api.list_self_tests(hosts.find_own(caller.user_id, host_id), query)


@app.operation("GET", "/v1/provider/market", roles=ANYONE_SIGNED_IN)
def read_market(caller: Principal) -> MarketView:
    """Get the market's prices per unit and GPU model: lowest, median, highest."""
    return provider_api.read_market()


@app.operation("GET", "/v1/provider/overview", roles=ANYONE_SIGNED_IN)
def read_overview(caller: Principal) -> OverviewView:
    """Get the states of the caller's hosts, and how much of them is rented."""
    return supply.overview(caller.user_id)


@app.operation("GET", "/v1/provider/allocations", roles=ANYONE_SIGNED_IN)
def list_hosted_allocations(caller: Principal, query: HostedAllocationQuery) -> HostedAllocationPage:
    """List the allocations on the caller's hosts, newest first, without the renters."""
    return supply.list_allocations(caller.user_id, query)


@app.operation("GET", "/v1/provider/earnings", roles=ANYONE_SIGNED_IN)
def read_earnings(caller: Principal) -> EarningsView:
    """Get the earnings of the caller's hosts, per day (UTC) and per host."""
    return earnings.read(caller.user_id)
