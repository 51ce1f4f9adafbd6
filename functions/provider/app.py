"""/v1/provider: the caller's own supply."""

from sharemtc.billing import earnings
from sharemtc.billing.schemas import EarningsView
from sharemtc.fleet import supply
from sharemtc.fleet.schemas import HostedAllocationPage, HostedAllocationQuery, OverviewView
from sharemtc.hosts import reporting
from sharemtc.hosts import service as hosts
from sharemtc.hosts.schemas import EnrollmentCodeCreate, EnrollmentCodeView, HostPage, HostView
from sharemtc.http import Api
from sharemtc.idempotency import Claim
from sharemtc.identity import ANYONE_SIGNED_IN, Principal
from sharemtc.schemas import PageQuery

app = Api("provider")


@app.operation("POST", "/v1/provider/enrollment-codes", status=201, roles=ANYONE_SIGNED_IN, idempotent=True)
def create_enrollment_code(caller: Principal, body: EnrollmentCodeCreate, claim: Claim) -> EnrollmentCodeView:
    """A single-use code, valid for 15 minutes, with the command that makes a machine of yours join."""
    return reporting.offer_code(caller.user_id, body.name, claim)


@app.operation("GET", "/v1/provider/hosts", roles=ANYONE_SIGNED_IN)
def list_own_hosts(caller: Principal, query: PageQuery) -> HostPage:
    """The caller's own machines, newest first."""
    found = hosts.of_owner(caller.user_id, limit=query.limit, cursor=query.cursor)
    return HostPage(items=[HostView.of(hosts.standing(host)) for host in found.items], next_cursor=found.next_cursor)


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
