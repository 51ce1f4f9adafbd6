"""Adding hosts up: how many in which state, what they offer and what of it is taken. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import HostState

# what these offer is not on the market, whatever their counters say
GONE = frozenset({HostState.BANNED, HostState.RETIRED})


@dataclass
class Amounts:
    """Parts of machines. Memory in MiB, disk in GiB."""

    vcpus: int = 0
    memory_mib: int = 0
    disk_gib: int = 0
    gpus: int = 0


@dataclass
class Sums:
    """What a number of hosts come to. `free` is what can be rented now: only a ready host's."""

    by_state: Counter[HostState] = field(default_factory=Counter)
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
    """The sums of these hosts. Those that are gone are counted; what they offered and left free is not."""
    sums = Sums()
    for at in standings:
        sums.by_state[at.state] += 1
        offered, free = _offered(at), _free(at)
        for name in ("vcpus", "memory_mib", "disk_gib", "gpus"):
            _add(sums.leased, name, getattr(offered, name) - getattr(free, name))
            if at.state not in GONE:
                _add(sums.offered, name, getattr(offered, name))
            if at.state is HostState.READY:
                _add(sums.free, name, getattr(free, name))
    return sums


def _add(amounts: Amounts, name: str, more: int) -> None:
    setattr(amounts, name, getattr(amounts, name) + more)


def _offered(at: Standing) -> Amounts:
    sellable = at.host.inventory.sellable
    return Amounts(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, len(at.host.inventory.gpus))


def _free(at: Standing) -> Amounts:
    capacity = at.capacity
    return Amounts(capacity.free_vcpus, capacity.free_memory_mib, capacity.free_disk_gib, len(capacity.free_gpus or ()))
