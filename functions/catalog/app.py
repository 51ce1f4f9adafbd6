"""/v1/catalog: what can be rented; public."""

from sharemtc import clock
from sharemtc.hosts import service as hosts
from sharemtc.hosts.reliability import history
from sharemtc.hosts.reliability.schemas import ReliabilityReport
from sharemtc.hosts.schemas import OfferPage, OfferView
from sharemtc.http.api import Api
from sharemtc.problems import NotFound
from sharemtc.schemas import PageQuery
from sharemtc.storage.unreadable import views

app = Api("catalog")


@app.operation("GET", "/v1/catalog/hosts", public=True)
def list_offers(query: PageQuery) -> OfferPage:
    """List the hosts on the market with free capacity and prices, oldest first."""
    found, following = hosts.page_of_market(limit=query.limit, cursor=query.cursor)
    return OfferPage(items=views(OfferView.of, found), next_cursor=following)


@app.operation("GET", "/v1/catalog/hosts/{host_id}/reliability", public=True, errors=(NotFound,))
def get_reliability(host_id: str) -> ReliabilityReport:
    """Get a host's reliability over thirty days.

    The response has the downtimes from which the score can be recomputed.
    """
    return ReliabilityReport.of(host_id, *history.of_host(hosts.find(host_id), clock.now()))
