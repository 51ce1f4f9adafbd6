"""The operations under /v1/provider, for asyncio. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.provider import (
    AllocationState,
    EarningsView,
    EnrollmentCodeCreate,
    EnrollmentCodeStateView,
    EnrollmentCodeView,
    HostChange,
    HostedAllocationPage,
    HostedAllocationView,
    HostPage,
    MarketView,
    OverviewView,
    PriceBookCreate,
    PriceBookPage,
    PriceBookView,
    ProfileSet,
    SelfTestPage,
)
from sharemtc_client.models.shared import EventPage, EventView, HostView, ProviderView, SelfTestView
from sharemtc_client.pages import every_async
from sharemtc_client.sessions import AsyncSession


class AsyncProvider:
    """Everything under /v1/provider, for asyncio."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def change_own_host(self, host_id: str, body: HostChange, *, if_match: int | str | None = None) -> HostView:
        """Change a machine's name, region, labels, network features, maintenance window, or whether it drains.

        Errors: `not_found`, `held_by_operator`, `host_ended`, `precondition_failed`, `storage_full`.
        """
        return await self._session.send(
            Call("PATCH", f"/v1/provider/hosts/{segment(host_id)}", body=body, if_match=if_match), HostView
        )

    async def create_enrollment_code(
        self, body: EnrollmentCodeCreate, *, idempotency_key: str | None = None
    ) -> EnrollmentCodeView:
        """A single-use code, valid for 15 minutes, with the command that makes a machine of yours join.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_hosts`, `storage_full`.
        """
        return await self._session.send(
            Call("POST", "/v1/provider/enrollment-codes", body=body, keyed=True, idempotency_key=idempotency_key),
            EnrollmentCodeView,
        )

    async def list_host_events(self, host_id: str, *, limit: int | None = None, cursor: str | None = None) -> EventPage:
        """What happened to the machine, newest first.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call("GET", f"/v1/provider/hosts/{segment(host_id)}/events", query={"limit": limit, "cursor": cursor}),
            EventPage,
        )

    def iter_host_events(self, host_id: str, *, limit: int | None = None) -> AsyncIterator[EventView]:
        """Every item of `list_host_events`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_host_events(host_id, limit=limit, cursor=cursor))

    async def list_hosted_allocations(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        host_id: str | None = None,
        state: AllocationState | None = None,
    ) -> HostedAllocationPage:
        """What your machines carry and carried, the newest first. Who rents is not told.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call(
                "GET",
                "/v1/provider/allocations",
                query={"limit": limit, "cursor": cursor, "host_id": host_id, "state": state},
            ),
            HostedAllocationPage,
        )

    def iter_hosted_allocations(
        self, *, limit: int | None = None, host_id: str | None = None, state: AllocationState | None = None
    ) -> AsyncIterator[HostedAllocationView]:
        """Every item of `list_hosted_allocations`, page after page; `limit` is how many a page has."""
        return every_async(
            lambda cursor: self.list_hosted_allocations(limit=limit, host_id=host_id, state=state, cursor=cursor)
        )

    async def list_own_hosts(self, *, limit: int | None = None, cursor: str | None = None) -> HostPage:
        """The caller's own machines, newest first.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/provider/hosts", query={"limit": limit, "cursor": cursor}), HostPage
        )

    def iter_own_hosts(self, *, limit: int | None = None) -> AsyncIterator[HostView]:
        """Every item of `list_own_hosts`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_own_hosts(limit=limit, cursor=cursor))

    async def list_prices(self, host_id: str, *, limit: int | None = None, cursor: str | None = None) -> PriceBookPage:
        """All versions of the machine's price book, newest first.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call("GET", f"/v1/provider/hosts/{segment(host_id)}/prices", query={"limit": limit, "cursor": cursor}),
            PriceBookPage,
        )

    def iter_prices(self, host_id: str, *, limit: int | None = None) -> AsyncIterator[PriceBookView]:
        """Every item of `list_prices`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_prices(host_id, limit=limit, cursor=cursor))

    async def list_self_tests(
        self, host_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> SelfTestPage:
        """What the machine tried on itself, newest first; the last fifty are kept.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call("GET", f"/v1/provider/hosts/{segment(host_id)}/self-tests", query={"limit": limit, "cursor": cursor}),
            SelfTestPage,
        )

    def iter_self_tests(self, host_id: str, *, limit: int | None = None) -> AsyncIterator[SelfTestView]:
        """Every item of `list_self_tests`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_self_tests(host_id, limit=limit, cursor=cursor))

    async def offer_capacity(self, host_id: str) -> HostView:
        """Put on sale what the machine now reports: more, or less as far as nothing of it is leased.

        Errors: `not_found`, `capacity_leased`, `host_ended`, `storage_full`.
        """
        return await self._session.send(Call("POST", f"/v1/provider/hosts/{segment(host_id)}/capacity"), HostView)

    async def publish_prices(
        self, host_id: str, body: PriceBookCreate, *, idempotency_key: str | None = None
    ) -> PriceBookView:
        """Publish a version of the machine's prices, for now or for a time to come.

        Machines that are rented keep the rate that they were rented at; a quote is honoured until it expires.

        Errors: `not_found`, `host_ended`, `idempotency_key_in_use`, `idempotency_key_reused`, `price_book_full`,
        `storage_full`.
        """
        return await self._session.send(
            Call(
                "POST",
                f"/v1/provider/hosts/{segment(host_id)}/prices",
                body=body,
                keyed=True,
                idempotency_key=idempotency_key,
            ),
            PriceBookView,
        )

    async def read_earnings(self) -> EarningsView:
        """What your machines earned, day by day (UTC) and each.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/provider/earnings"), EarningsView)

    async def read_enrollment_code(self, code_id: str) -> EnrollmentCodeStateView:
        """What became of a code: waiting, used by a machine, or expired.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call("GET", f"/v1/provider/enrollment-codes/{segment(code_id)}"), EnrollmentCodeStateView
        )

    async def read_market(self) -> MarketView:
        """What hosts ask now for each unit and each GPU model: lowest, median, highest.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/provider/market"), MarketView)

    async def read_overview(self) -> OverviewView:
        """Your machines at a glance: their states and what is rented of them.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/provider/overview"), OverviewView)

    async def read_own_host(self, host_id: str) -> HostView:
        """One of the caller's machines.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(Call("GET", f"/v1/provider/hosts/{segment(host_id)}"), HostView)

    async def read_profile(self) -> ProviderView:
        """The caller as a provider; at version 0 they are none yet.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/provider/profile"), ProviderView)

    async def retire_own_host(self, host_id: str) -> HostView:
        """End a machine's part for good, say one that is gone; nothing of it may be leased.

        Errors: `not_found`, `host_ended`, `workloads_left`, `storage_full`.
        """
        return await self._session.send(Call("POST", f"/v1/provider/hosts/{segment(host_id)}/retire"), HostView)

    async def write_profile(self, body: ProfileSet, *, if_match: int | str | None = None) -> ProviderView:
        """Name yourself as a provider, which makes you one.

        Errors: `precondition_failed`, `storage_full`.
        """
        return await self._session.send(Call("PUT", "/v1/provider/profile", body=body, if_match=if_match), ProviderView)
