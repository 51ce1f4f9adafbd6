"""The operations under /v1/catalog, for asyncio. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.catalog import OfferPage, OfferView, ReliabilityReport
from sharemtc_client.pages import every_async
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

    async def list_offers(self, *, limit: int | None = None, cursor: str | None = None) -> OfferPage:
        """The hosts that take part, with what they are, what is free and what it costs; the longest here first.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/catalog/hosts", query={"limit": limit, "cursor": cursor}), OfferPage
        )

    def iter_offers(self, *, limit: int | None = None) -> AsyncIterator[OfferView]:
        """Every item of `list_offers`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_offers(limit=limit, cursor=cursor))
