"""Quotes: a price that is guaranteed until it expires."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Protocol

from sharemtc import clock
from sharemtc.billing.table import Quote
from sharemtc.ids import IdKind, new_id
from sharemtc.money import Prices
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.resources import Demand
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction


class QuoteExpired(Conflict):
    """The quote's time is over; request a new one."""

    code, title = "quote_expired", "The quote has expired"


class Order(Protocol):
    """What a quote and an order have in common."""

    @property
    def template_id(self) -> str: ...
    @property
    def demand(self) -> Demand: ...
    @property
    def host_id(self) -> str | None: ...


def create(transaction: Transaction, user_id: str, host_id: str, order: Order, prices: Prices) -> Quote:
    """Store the price of the order on that host."""
    now = clock.now()
    quote_id = new_id(IdKind.QUOTE)
    quoted_until = now + timedelta(seconds=settings().quote_lifetime_s)
    quote = Quote(
        f"QUOTE#{quote_id}",
        "QUOTE",
        id=quote_id,
        user_id=user_id,
        host_id=host_id,
        host_named=order.host_id is not None,
        template_id=order.template_id,
        demand=order.demand,
        prices=prices,
        quoted_until=quoted_until,
        expires_at=quoted_until + timedelta(days=1),
    )
    transaction.create(quote)
    return quote


def find_for_order(user_id: str, quote_id: str, order: Order) -> Quote:
    """The quote that an order refers to.

    Errors: `Invalid` naming `/quote_id` when it is unknown or another user's, and each field of the order that differs
    from the quote; `QuoteExpired`.
    """
    quote = Quote.find(f"QUOTE#{quote_id}", "QUOTE")
    if quote is None or quote.user_id != user_id:
        raise Invalid(errors=(FieldError("/quote_id", "unknown", "Unknown quote."),))
    ordered, quoted = _terms(order), _terms(quote)
    errors = tuple(
        FieldError(f"/{name}", "not_as_quoted", f"The quote says {quoted[name]}.")
        for name, value in ordered.items()
        # an order without a host takes the quote's
        if value not in (quoted[name], None)
    )
    if errors:
        raise Invalid(errors=errors)
    if clock.now() >= quote.quoted_until:
        raise QuoteExpired
    return quote


def _terms(order: Order) -> dict[str, object]:
    return {"template_id": order.template_id, **asdict(order.demand), "host_id": order.host_id}
