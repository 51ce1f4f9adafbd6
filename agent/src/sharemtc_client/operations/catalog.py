"""The operations under /v1/catalog. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.catalog import OfferPage, ReliabilityReport


def get_reliability(host_id: str) -> Call[ReliabilityReport]:
    """Get a host's reliability over thirty days.

    The response has the downtimes from which the score can be recomputed.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/catalog/hosts/{segment(host_id)}/reliability", ReliabilityReport)


def list_offers(*, limit: int | None = None, cursor: str | None = None) -> Call[OfferPage]:
    """List the hosts on the market with free capacity and prices, oldest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/catalog/hosts", OfferPage, query={"limit": limit, "cursor": cursor})
