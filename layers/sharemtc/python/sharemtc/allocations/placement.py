"""Which host: constraints reject, price orders, chance spreads; and a refusal says why. No storage here.

Candidates are proposals. The conditional write that takes the slice decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sharemtc import clock, money
from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import HostState

BEST = 16


class Wish(NamedTuple):
    """What must fit: size, image, and, if the order names them, the host and the region."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    image: str
    host_id: str | None = None
    region: str | None = None
    not_host_id: str | None = None


class Reason(NamedTuple):
    """How many hosts one constraint rejected, and how many would match were it alone relaxed."""

    constraint: str
    rejected: int
    would_match: int


Fits = Callable[[Standing, Wish], bool]

CONSTRAINTS: dict[str, Fits] = {
    "host": lambda at, wish: wish.host_id in (None, at.host.id) and wish.not_host_id != at.host.id,
    "region": lambda at, wish: wish.region in (None, at.region),
    "alive": lambda at, wish: at.state is HostState.READY,
    "virtualisation": lambda at, wish: at.host.inventory.accelerator is not None,
    "image": lambda at, wish: wish.image in at.host.inventory.images,
    "vcpus": lambda at, wish: at.capacity.free_vcpus >= wish.vcpus,
    "memory": lambda at, wish: at.capacity.free_memory_mib >= wish.memory_mib,
    "disk": lambda at, wish: at.capacity.free_disk_gib >= wish.disk_gib,
}


def candidates(standings: list[Standing], wish: Wish) -> list[Standing]:
    """The hosts that fit, cheapest first; the best `BEST` shuffled, so that racing buyers spread."""
    fitting = [at for at in standings if not _broken(at, wish)]
    fitting.sort(key=lambda at: (rate_at(at, wish), at.host.id))
    best, rest = fitting[:BEST], fitting[BEST:]
    for index in range(len(best) - 1, 0, -1):
        other = clock.choose_index(index + 1)
        best[index], best[other] = best[other], best[index]
    return best + rest


def explain(standings: list[Standing], wish: Wish) -> list[Reason]:
    """Why nothing fits: every constraint that rejected a host."""
    broken = [_broken(at, wish) for at in standings]
    reasons = []
    for name in CONSTRAINTS:
        rejected = sum(name in names for names in broken)
        if rejected:
            reasons.append(Reason(name, rejected, sum(names == {name} for names in broken)))
    return reasons


def rate_at(at: Standing, wish: Wish) -> int:
    """What the wish costs an hour on that host, running."""
    return money.running_rate(
        money.price_lines(at.prices, vcpus=wish.vcpus, memory_mib=wish.memory_mib, disk_gib=wish.disk_gib)
    )


def _broken(at: Standing, wish: Wish) -> set[str]:
    return {name for name, fits in CONSTRAINTS.items() if not fits(at, wish)}
