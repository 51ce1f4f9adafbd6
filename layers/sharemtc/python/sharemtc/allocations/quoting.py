"""Quotes for workloads that could be rented now."""

from __future__ import annotations

from dataclasses import asdict

from sharemtc import money
from sharemtc.allocations import placement, refusals
from sharemtc.allocations.placement import Requirements
from sharemtc.billing import quotes
from sharemtc.billing import service as billing
from sharemtc.billing.schemas import LineView, QuoteCreate, QuoteView
from sharemtc.catalog import service as catalog
from sharemtc.hosts import service as hosts
from sharemtc.idempotency import Claim
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction


def quote(user_id: str, order: QuoteCreate, claim: Claim) -> QuoteView:
    """The price on the cheapest host that fits. Errors: `Invalid`, `NoCapacity` with its reasons."""
    template, demand = catalog.find_template(order.template_id), order.demand
    catalog.check_size(template, demand)
    requirements = Requirements(demand, template.image, order.host_id)
    statuses = hosts.on_the_market()
    fitting = placement.candidates(statuses, requirements)
    if not fitting:
        raise refusals.no_capacity(statuses, requirements, template.least)
    cheapest = min(fitting, key=lambda at: placement.rate_at(at, demand))
    lines = money.price_lines(cheapest.prices, demand)
    rate = money.running_rate(lines)
    transaction = Transaction()
    stored = quotes.create(transaction, user_id, cheapest.host.id, order, cheapest.prices)
    view = QuoteView(
        id=stored.id,
        host_id=cheapest.host.id,
        host_name=cheapest.host.name,
        template_id=template.id,
        **asdict(demand),
        rate_nanos_per_hour=rate,
        stopped_rate_nanos_per_hour=money.stopped_rate(lines),
        hold_micros=money.hold_micros(rate, settings().hold_window_s),
        lines=[LineView(**line._asdict()) for line in lines],
        balance_lasts_s=billing.lasts_s(user_id, rate),
        expires_at=stored.quoted_until,
        currency=money.CURRENCY,
    )
    claim.record(transaction, view)
    transaction.commit()
    return view
