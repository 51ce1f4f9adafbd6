"""The operations under /v1/billing. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import Iterator

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
from sharemtc_client.pages import every
from sharemtc_client.sessions import Session


class Billing:
    """Everything under /v1/billing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create_quote(self, body: QuoteCreate, *, idempotency_key: str | None = None) -> QuoteView:
        """Price a machine. The price is honoured until the quote expires.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `no_capacity`, `storage_full`.
        """
        return self._session.send(
            Call("POST", "/v1/billing/quotes", body=body, keyed=True, idempotency_key=idempotency_key), QuoteView
        )

    def get_balance(self) -> BalanceView:
        """The caller's money now, what burns it and how long it lasts.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/billing/balance"), BalanceView)

    def list_accruals(self, *, allocation_id: str, limit: int | None = None, cursor: str | None = None) -> AccrualPage:
        """What was posted for an allocation: every window with its rate and its amount.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET", "/v1/billing/accruals", query={"limit": limit, "cursor": cursor, "allocation_id": allocation_id}
            ),
            AccrualPage,
        )

    def iter_accruals(self, *, allocation_id: str, limit: int | None = None) -> Iterator[AccrualView]:
        """Every item of `list_accruals`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_accruals(allocation_id=allocation_id, limit=limit, cursor=cursor))

    def list_ledger(self, *, limit: int | None = None, cursor: str | None = None) -> TransactionPage:
        """The caller's ledger, newest first, with both sides of every transaction.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call("GET", "/v1/billing/ledger", query={"limit": limit, "cursor": cursor}), TransactionPage
        )

    def iter_ledger(self, *, limit: int | None = None) -> Iterator[TransactionView]:
        """Every item of `list_ledger`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_ledger(limit=limit, cursor=cursor))
