"""A provider's earnings by day and host, from the projection that the ledger updates with each posting.

Days are UTC days; an amount belongs to the day on which its window ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sharemtc import clock, money
from sharemtc.billing import ledger
from sharemtc.billing.schemas import DayEarningsView, EarningsView, HostEarningsView
from sharemtc.billing.table import Earned, earned_key

SHOWN_DAYS = 30


def read(provider_id: str) -> EarningsView:
    """The provider's share of posted amounts: today, this month, the last thirty days, and what is not paid out yet."""
    now = clock.now()
    today = now.date()
    by_day: dict[date, int] = {}
    by_host: Counter[str] = Counter()
    # a month may have 31 days, thirty are shown
    for day in _days_up_to(today, SHOWN_DAYS + 1):
        records = Earned.query(earned_key(provider_id, day), consistent_read=True)
        earned = {record.sk: record.amount_micros for record in records}
        by_day[day] = sum(earned.values())
        if (today - day).days < SHOWN_DAYS:
            by_host.update(earned)
    this_month = (today.year, today.month)
    shown = [DayEarningsView(day=day, amount_micros=by_day[day]) for day in _days_up_to(today, SHOWN_DAYS)]
    return EarningsView(
        today_micros=by_day[today],
        month_micros=sum(amount for day, amount in by_day.items() if (day.year, day.month) == this_month),
        thirty_days_micros=sum(one.amount_micros for one in shown),
        pending_payout_micros=ledger.balance_micros(ledger.provider_account(provider_id)),
        per_host=[
            HostEarningsView(host_id=host_id, thirty_days_micros=amount)
            for host_id, amount in sorted(by_host.items(), key=lambda item: (-item[1], item[0]))
        ],
        days=shown,
        currency=money.CURRENCY,
        as_of=now,
    )


def _days_up_to(last: date, number: int) -> Iterator[date]:
    """The `number` days up to `last`, oldest first."""
    return (last - timedelta(days=back) for back in range(number - 1, -1, -1))
