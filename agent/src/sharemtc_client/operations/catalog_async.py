"""The operations under /v1/catalog, for asyncio. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.catalog import OfferPage, ReliabilityReport
from sharemtc_client.sessions import AsyncSession


class AsyncCatalog:
    """Everything under /v1/catalog, for asyncio."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_reliability(self, host_id: str) -> ReliabilityReport:
        """How reliable a host was over thirty days, with the downtimes from which anyone can compute it again.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call("GET", f"/v1/catalog/hosts/{segment(host_id)}/reliability"), ReliabilityReport
        )

    async def list_offers(self) -> OfferPage:
        """Every host that takes part, with what it is, what is free and what it costs.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/catalog/hosts"), OfferPage)
