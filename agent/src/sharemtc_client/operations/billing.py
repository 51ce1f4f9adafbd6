"""The operations under /v1/billing. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call
from sharemtc_client.models.billing import AccrualPage, BalanceView, QuoteCreate, QuoteView, TransactionPage


def create_quote(body: QuoteCreate, *, idempotency_key: str | None = None) -> Call[QuoteView]:
    """Get a quote for a machine.

    The price is guaranteed until the quote expires.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `no_capacity`, `storage_full`.
    """
    return Call("POST", "/v1/billing/quotes", QuoteView, body=body, keyed=True, idempotency_key=idempotency_key)


def get_balance() -> Call[BalanceView]:
    """Get the caller's balance, its spending rate and how long it lasts.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/billing/balance", BalanceView)


def list_accruals(*, allocation_id: str, limit: int | None = None, cursor: str | None = None) -> Call[AccrualPage]:
    """List the posted windows of an allocation, with rate and amount.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/billing/accruals",
        AccrualPage,
        query={"limit": limit, "cursor": cursor, "allocation_id": allocation_id},
    )


def list_ledger(*, limit: int | None = None, cursor: str | None = None) -> Call[TransactionPage]:
    """List the caller's ledger transactions, newest first, with all entries.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/billing/ledger", TransactionPage, query={"limit": limit, "cursor": cursor})
