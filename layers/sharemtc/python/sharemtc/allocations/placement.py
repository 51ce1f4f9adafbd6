"""Which host: constraints reject, price orders, chance spreads; and a refusal says why. No storage here.

Candidates are proposals. The conditional write that takes the slice decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sharemtc import clock, money
from sharemtc.hosts.capacity import offering
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


class Size(NamedTuple):
    """What a VM is made of. Memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class Reason(NamedTuple):
    """How many hosts one constraint was the first to rule out, and how many would match were it alone relaxed.

    Where the constraint is a quantity: how much is needed, and the most that one of those hosts has free and offers.
    """

    constraint: str
    rejected: int
    would_match: int
    needed: int | None = None
    largest_free: int | None = None
    largest_offered: int | None = None


class Nearest(NamedTuple):
    """The host that comes nearest to a wish that nothing fulfils, and the size that it could make now."""

    at: Standing
    size: Size


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

# those that are quantities, and what of a host they ask for
QUANTITIES = {"vcpus": "vcpus", "memory": "memory_mib", "disk": "disk_gib"}


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
    """Why nothing fits. Each host counts once, for the first constraint that rules it out, in the order of these."""
    ruled_out: dict[str, list[Standing]] = {}
    alone: dict[str, int] = {}
    for at in standings:
        broken = _broken(at, wish)
        if broken:
            ruled_out.setdefault(broken[0], []).append(at)
            alone[broken[0]] = alone.get(broken[0], 0) + (len(broken) == 1)
    return [_reason(name, ruled_out[name], alone[name], wish) for name in CONSTRAINTS if name in ruled_out]


def shortage(at: Standing, size: Size) -> list[Reason]:
    """What of `size` the host does not have free."""
    wish = Wish(*size, image="")
    return [_reason(name, [at], 0, wish) for name in QUANTITIES if not CONSTRAINTS[name](at, wish)]


def nearest(standings: list[Standing], wish: Wish, least: Size) -> Nearest | None:
    """What comes nearest: the same size elsewhere, else the most of it that is free, at least `least`; then the price.

    None when no host that takes new VMs could make even the least.
    """
    anywhere = wish._replace(host_id=None)
    whole = [at for at in standings if not _broken(at, anywhere)]
    if whole:
        return Nearest(min(whole, key=lambda at: (rate_at(at, wish), at.host.id)), _size_of(wish))
    smallest = anywhere._replace(**least._asdict())
    found = [(at, _clipped(at, wish)) for at in standings if not _broken(at, smallest)]
    if not found:
        return None

    def distance(one: tuple[Standing, Size]) -> tuple[float, int, str]:
        at, size = one
        missing = sum(1 - has / wants for has, wants in zip(size, _size_of(wish), strict=True))
        return missing, rate_at(at, wish._replace(**size._asdict())), at.host.id

    return Nearest(*min(found, key=distance))


def rate_at(at: Standing, wish: Wish) -> int:
    """What the wish costs an hour on that host, running."""
    return money.running_rate(
        money.price_lines(at.prices, vcpus=wish.vcpus, memory_mib=wish.memory_mib, disk_gib=wish.disk_gib)
    )


def free(at: Standing) -> Size:
    """What can be rented of the host now."""
    return Size(*offering.free(at.capacity)[:3])


def _size_of(wish: Wish) -> Size:
    return Size(wish.vcpus, wish.memory_mib, wish.disk_gib)


def _clipped(at: Standing, wish: Wish) -> Size:
    return Size(*(min(pair) for pair in zip(free(at), _size_of(wish), strict=True)))


def _reason(name: str, hosts: list[Standing], alone: int, wish: Wish) -> Reason:
    field = QUANTITIES.get(name)
    if field is None:
        return Reason(name, len(hosts), alone)
    most_free = max(getattr(free(at), field) for at in hosts)
    most_offered = max(getattr(offering.on_sale(at.capacity, at.host), field) for at in hosts)
    return Reason(name, len(hosts), alone, getattr(wish, field), most_free, most_offered)


def _broken(at: Standing, wish: Wish) -> list[str]:
    return [name for name, fits in CONSTRAINTS.items() if not fits(at, wish)]
