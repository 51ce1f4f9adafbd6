"""Metering rules, without storage: what a window costs, and how hold and wallet pay for it.

A segment's cost up to `t` is `money.cumulative_micros(rate, t - start)`. A window posts the difference to what is
already posted. The wallet's free money then refills the hold to the price of the hold window.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sharemtc import clock, money


class Segment(NamedTuple):
    """The open segment of a meter, and how much of it is posted."""

    rate_nanos_per_hour: int
    started_at: datetime
    posted_until: datetime
    posted_micros: int


class Window(NamedTuple):
    """An interval to post, from the end of the last one."""

    started_at: datetime
    ended_at: datetime
    cost_micros: int


class Settlement(NamedTuple):
    """How a cost is paid: `paid` from hold and wallet, `written_off` what neither covers, and the change of each."""

    paid_micros: int
    written_off_micros: int
    wallet_change_micros: int
    hold_change_micros: int


def window(segment: Segment, until: datetime) -> Window:
    """The window to post up to `until`. A clock that stepped back gives an empty window, never a negative one."""
    end = max(until, segment.posted_until)
    cost = money.cumulative_micros(segment.rate_nanos_per_hour, clock.elapsed_ms(segment.started_at, end))
    return Window(segment.posted_until, end, cost - segment.posted_micros)


def settle(cost_micros: int, *, held_micros: int, available_micros: int, target_micros: int) -> Settlement:
    """Pay `cost` from the hold, then the wallet; fill the hold up to `target`, or empty it down to that.

    Neither hold nor wallet falls below zero: the uncovered rest is written off, and the caller stops the workload.
    """
    assert min(cost_micros, held_micros, available_micros, target_micros) >= 0
    funds = held_micros + available_micros
    paid = min(cost_micros, funds)
    hold = min(target_micros, funds - paid)
    hold_change = hold - held_micros
    return Settlement(paid, cost_micros - paid, -hold_change - paid, hold_change)
