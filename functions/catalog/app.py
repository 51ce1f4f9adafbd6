"""/v1/catalog: what can be rented, for everybody."""

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
    """The hosts that take part, with what they are, what is free and what it costs; the longest here first."""
    found, following = hosts.page_of_market(limit=query.limit, cursor=query.cursor)
    return OfferPage(items=views(OfferView.of, found), next_cursor=following)


@app.operation("GET", "/v1/catalog/hosts/{host_id}/reliability", public=True, errors=(NotFound,))
def get_reliability(host_id: str) -> ReliabilityReport:
    """How reliable a host was over thirty days, with the downtimes from which anyone can compute it again."""
    return ReliabilityReport.of(host_id, *history.of_host(hosts.find(host_id), clock.now()))
