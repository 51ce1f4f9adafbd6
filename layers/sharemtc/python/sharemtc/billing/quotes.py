"""Quotes: a price for a machine that is honoured until it expires."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from sharemtc import clock
from sharemtc.billing.table import Quote
from sharemtc.money import Prices
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction

QUOTED = ("template_id", "vcpus", "memory_mib", "disk_gib", "host_id")


class QuoteExpired(Conflict):
    """The quote's time is over: ask for a new one."""

    code, title = "quote_expired", "The quote has expired"


class Size(Protocol):
    """What a quote and an order have in common."""

    @property
    def template_id(self) -> str: ...
    @property
    def vcpus(self) -> int: ...
    @property
    def memory_mib(self) -> int: ...
    @property
    def disk_gib(self) -> int: ...
    @property
    def host_id(self) -> str | None: ...


def make(transaction: Transaction, user_id: str, host_id: str, size: Size, prices: Prices) -> Quote:
    """Store the price of a machine of that size on that host."""
    now = clock.now()
    quote_id = clock.new_id("quo")
    quoted_until = now + timedelta(seconds=settings().quote_lifetime_s)
    quote = Quote(
        f"QUOTE#{quote_id}",
        "QUOTE",
        id=quote_id,
        user_id=user_id,
        host_id=host_id,
        host_named=size.host_id is not None,
        template_id=size.template_id,
        vcpus=size.vcpus,
        memory_mib=size.memory_mib,
        disk_gib=size.disk_gib,
        vcpu_nanos_per_hour=prices.vcpu_nanos_per_hour,
        memory_gib_nanos_per_hour=prices.memory_gib_nanos_per_hour,
        disk_gib_nanos_per_hour=prices.disk_gib_nanos_per_hour,
        quoted_until=quoted_until,
        expires_at=quoted_until + timedelta(days=1),
    )
    transaction.create(quote)
    return quote


def honour(user_id: str, quote_id: str, order: Size) -> Quote:
    """The quote that an order refers to.

    Errors: `Invalid` naming `/quote_id` when it is unknown or another user's, and each field of the order that says
    something else than the quote; `QuoteExpired`.
    """
    quote = Quote.find(f"QUOTE#{quote_id}", "QUOTE")
    if quote is None or quote.user_id != user_id:
        raise Invalid(errors=(FieldError("/quote_id", "unknown", "There is no such quote."),))
    wrong = tuple(
        FieldError(f"/{name}", "not_as_quoted", f"The quote says {getattr(quote, name)}.")
        for name in QUOTED
        # an order without a host takes the quote's
        if getattr(order, name) not in (getattr(quote, name), None)
    )
    if wrong:
        raise Invalid(errors=wrong)
    if clock.now() >= quote.quoted_until:
        raise QuoteExpired
    return quote


def prices_of(quote: Quote) -> Prices:
    """The prices that were quoted."""
    return Prices(quote.vcpu_nanos_per_hour, quote.memory_gib_nanos_per_hour, quote.disk_gib_nanos_per_hour)
