"""Sums over hosts: counts by state, offered and leased capacity. Pure rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sharemtc.hosts.capacity import offering
from sharemtc.hosts.kinds import SaleState
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import HostState
from sharemtc.resources import Slice, total


@dataclass(frozen=True)
class Sums:
    """Totals of some hosts. `available` hosts can be rented on now; `free` is the rentable capacity of ready hosts."""

    by_state: Counter[HostState]
    available: int
    offered: Slice
    free: Slice
    leased: Slice

    @property
    def hosts(self) -> int:
        return sum(self.by_state.values())

    @property
    def ready(self) -> int:
        return self.by_state[HostState.READY]


def add_up(statuses: Iterable[HostStatus]) -> Sums:
    """The totals without retired hosts. Banned ones are counted; their offered capacity is not."""
    counted = [at for at in statuses if at.state is not HostState.RETIRED]
    offered = {at.host.id: offering.on_sale(at.capacity, at.host) for at in counted}
    leased = {at.host.id: offering.leased(at.capacity, at.host) for at in counted}
    return Sums(
        by_state=Counter(at.state for at in counted),
        available=sum(at.sale.state is SaleState.AVAILABLE for at in counted),
        offered=total(offered[at.host.id] for at in counted if at.state is not HostState.BANNED),
        free=total(offered[at.host.id] - leased[at.host.id] for at in counted if at.state is HostState.READY),
        leased=total(leased.values()),
    )
