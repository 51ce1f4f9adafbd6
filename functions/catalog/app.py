"""/v1/catalog: what can be rented, for everybody."""

from sharemtc.hosts import service as hosts
from sharemtc.hosts.schemas import OfferPage, OfferView
from sharemtc.http import Api

app = Api("catalog")


@app.operation("GET", "/v1/catalog/hosts", public=True)
def list_offers() -> OfferPage:
    """Every host that takes part, with what it is, what is free and what it costs."""
    return OfferPage(items=[OfferView.of(at) for at in hosts.on_the_market()], next_cursor=None)
