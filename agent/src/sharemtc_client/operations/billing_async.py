"""The operations under /v1/billing, for asyncio. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sharemtc_client.calls import Call
from sharemtc_client.models.billing import (
    AccrualPage,
    AccrualView,
    BalanceView,
    QuoteCreate,
    QuoteView,
    TransactionPage,
    TransactionView,
)
from sharemtc_client.pages import every_async
from sharemtc_client.sessions import AsyncSession


class AsyncBilling:
    """Everything under /v1/billing, for asyncio."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def create_quote(self, body: QuoteCreate, *, idempotency_key: str | None = None) -> QuoteView:
        """Price a machine. The price is honoured until the quote expires.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `no_capacity`, `storage_full`.
        """
        return await self._session.send(
            Call("POST", "/v1/billing/quotes", body=body, keyed=True, idempotency_key=idempotency_key), QuoteView
        )

    async def get_balance(self) -> BalanceView:
        """The caller's money now, what burns it and how long it lasts.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/billing/balance"), BalanceView)

    async def list_accruals(
        self, *, allocation_id: str, limit: int | None = None, cursor: str | None = None
    ) -> AccrualPage:
        """What was posted for an allocation: every window with its rate and its amount.

        Errors: `not_found`, `storage_full`.
        """
        return await self._session.send(
            Call(
                "GET", "/v1/billing/accruals", query={"limit": limit, "cursor": cursor, "allocation_id": allocation_id}
            ),
            AccrualPage,
        )

    def iter_accruals(self, *, allocation_id: str, limit: int | None = None) -> AsyncIterator[AccrualView]:
        """Every item of `list_accruals`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_accruals(allocation_id=allocation_id, limit=limit, cursor=cursor))

    async def list_ledger(self, *, limit: int | None = None, cursor: str | None = None) -> TransactionPage:
        """The caller's ledger, newest first, with both sides of every transaction.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/billing/ledger", query={"limit": limit, "cursor": cursor}), TransactionPage
        )

    def iter_ledger(self, *, limit: int | None = None) -> AsyncIterator[TransactionView]:
        """Every item of `list_ledger`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_ledger(limit=limit, cursor=cursor))
