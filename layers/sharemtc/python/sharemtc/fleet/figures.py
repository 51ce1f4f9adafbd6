"""Adding hosts up: how many in which state, what they offer and what of it is taken. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sharemtc.hosts.capacity import offering
from sharemtc.hosts.capacity.slices import Slice
from sharemtc.hosts.kinds import SaleState
from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import HostState


@dataclass
class Amounts:
    """Parts of machines. Memory in MiB, disk in GiB."""

    vcpus: int = 0
    memory_mib: int = 0
    disk_gib: int = 0
    gpus: int = 0

    def add(self, more: Slice, less: Slice = Slice(0, 0, 0)) -> None:
        """Add a slice, less another."""
        self.vcpus += more.vcpus - less.vcpus
        self.memory_mib += more.memory_mib - less.memory_mib
        self.disk_gib += more.disk_gib - less.disk_gib
        self.gpus += len(more.gpu_uuids) - len(less.gpu_uuids)


@dataclass
class Sums:
    """What a number of hosts come to. `available` ones sell something now; `free` is of ready ones, for rent now."""

    by_state: Counter[HostState] = field(default_factory=Counter)
    available: int = 0
    offered: Amounts = field(default_factory=Amounts)
    free: Amounts = field(default_factory=Amounts)
    leased: Amounts = field(default_factory=Amounts)

    @property
    def hosts(self) -> int:
        """How many."""
        return sum(self.by_state.values())

    @property
    def ready(self) -> int:
        """How many can take work now."""
        return self.by_state[HostState.READY]


def add_up(standings: Iterable[Standing]) -> Sums:
    """The sums of these hosts but retired ones. Banned ones are counted; what they would offer is not."""
    sums = Sums()
    for at in standings:
        if at.state is HostState.RETIRED:
            continue
        sums.by_state[at.state] += 1
        sums.available += at.sale.state is SaleState.AVAILABLE
        offered, leased = offering.on_sale(at.capacity, at.host), offering.leased(at.capacity, at.host)
        sums.leased.add(leased)
        if at.state is not HostState.BANNED:
            sums.offered.add(offered)
        if at.state is HostState.READY:
            sums.free.add(offered, less=leased)
    return sums
