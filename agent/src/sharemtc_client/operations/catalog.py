"""The operations under /v1/catalog. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.catalog import OfferPage, ReliabilityReport
from sharemtc_client.sessions import Session


class Catalog:
    """Everything under /v1/catalog."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_reliability(self, host_id: str) -> ReliabilityReport:
        """How reliable a host was over thirty days, with the downtimes from which anyone can compute it again.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(Call("GET", f"/v1/catalog/hosts/{segment(host_id)}/reliability"), ReliabilityReport)

    def list_offers(self) -> OfferPage:
        """Every host that takes part, with what it is, what is free and what it costs.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/catalog/hosts"), OfferPage)
