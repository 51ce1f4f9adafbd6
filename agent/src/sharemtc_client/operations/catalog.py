"""The operations under /v1/catalog. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.catalog import OfferPage, ReliabilityReport


def get_reliability(host_id: str) -> Call[ReliabilityReport]:
    """How reliable a host was over thirty days, with the downtimes from which anyone can compute it again.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/catalog/hosts/{segment(host_id)}/reliability", ReliabilityReport)


def list_offers(*, limit: int | None = None, cursor: str | None = None) -> Call[OfferPage]:
    """The hosts that take part, with what they are, what is free and what it costs; the longest here first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/catalog/hosts", OfferPage, query={"limit": limit, "cursor": cursor})
