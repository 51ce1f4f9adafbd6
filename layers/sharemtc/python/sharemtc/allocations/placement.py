"""Which host: constraints reject, price orders, chance spreads; and a refusal says why. No storage here.

Candidates are proposals. The conditional write that takes the slice decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from sharemtc import clock, money
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import HostState
from sharemtc.resources import Demand, Slice

BEST = 16


class Wish(NamedTuple):
    """What must fit: how much, the image, and, if the order names them, the host and the region."""

    demand: Demand
    image: str
    host_id: str | None = None
    region: str | None = None
    not_host_id: str | None = None


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
    """The host that comes nearest to a wish that nothing fulfils, and how much of it that host has now."""

    at: HostStatus
    demand: Demand


Fits = Callable[[HostStatus, Wish], bool]

CONSTRAINTS: dict[str, Fits] = {
    "host": lambda at, wish: wish.host_id in (None, at.host.id) and wish.not_host_id != at.host.id,
    "region": lambda at, wish: wish.region in (None, at.region),
    "alive": lambda at, wish: at.state is HostState.READY,
    "virtualisation": lambda at, wish: at.host.inventory.accelerator is not None,
    "image": lambda at, wish: wish.image in at.host.inventory.images,
    "gpus": lambda at, wish: not wish.demand.gpus or free(at, wish.demand.gpu_model).gpus >= wish.demand.gpus,
    "vcpus": lambda at, wish: at.capacity.free_vcpus >= wish.demand.vcpus,
    "memory": lambda at, wish: at.capacity.free_memory_mib >= wish.demand.memory_mib,
    "disk": lambda at, wish: at.capacity.free_disk_gib >= wish.demand.disk_gib,
}

# those that are quantities, and what of a host they ask for
QUANTITIES = {"gpus": "gpus", "vcpus": "vcpus", "memory": "memory_mib", "disk": "disk_gib"}


def candidates(statuses: list[HostStatus], wish: Wish) -> list[HostStatus]:
    """The hosts that fit, cheapest first; the best `BEST` shuffled, so that racing buyers spread."""
    fitting = [at for at in statuses if not _broken(at, wish)]
    fitting.sort(key=lambda at: (rate_at(at, wish.demand), at.host.id))
    best, rest = fitting[:BEST], fitting[BEST:]
    for index in range(len(best) - 1, 0, -1):
        other = clock.choose_index(index + 1)
        best[index], best[other] = best[other], best[index]
    return best + rest


def explain(statuses: list[HostStatus], wish: Wish) -> list[Reason]:
    """Why nothing fits. Each host counts once, for the first constraint that rules it out, in the order of these."""
    ruled_out: dict[str, list[HostStatus]] = {}
    alone: dict[str, int] = {}
    for at in statuses:
        broken = _broken(at, wish)
        if broken:
            ruled_out.setdefault(broken[0], []).append(at)
            alone[broken[0]] = alone.get(broken[0], 0) + (len(broken) == 1)
    return [_reason(name, ruled_out[name], alone[name], wish) for name in CONSTRAINTS if name in ruled_out]


def shortage(at: HostStatus, demand: Demand) -> list[Reason]:
    """What of `demand` the host does not have free."""
    wish = Wish(demand, image="")
    return [_reason(name, [at], 0, wish) for name in QUANTITIES if not CONSTRAINTS[name](at, wish)]


def nearest(statuses: list[HostStatus], wish: Wish, least: Demand) -> Nearest | None:
    """What comes nearest: the same elsewhere, else the most of it that is free, at least `least`; then the price.

    None when no host that takes new VMs could make even the least, with a GPU where some are wished for.
    """
    anywhere = wish._replace(host_id=None)
    whole = [at for at in statuses if not _broken(at, anywhere)]
    if whole:
        return Nearest(min(whole, key=lambda at: (rate_at(at, wish.demand), at.host.id)), wish.demand)
    model = wish.demand.gpu_model
    smallest = anywhere._replace(demand=replace(least, gpus=1, gpu_model=model) if model else least)
    found = [(at, wish.demand.at_most(free(at, model))) for at in statuses if not _broken(at, smallest)]
    if not found:
        return None

    def distance(one: tuple[HostStatus, Demand]) -> tuple[float, int, str]:
        at, has = one
        wants = {name: getattr(wish.demand, name) for name in QUANTITIES.values()}
        missing = sum(1 - getattr(has, name) / wanted for name, wanted in wants.items() if wanted)
        return missing, rate_at(at, has), at.host.id

    return Nearest(*min(found, key=distance))


def rate_at(at: HostStatus, demand: Demand) -> int:
    """What it costs an hour on that host, running."""
    return money.running_rate(money.price_lines(at.prices, demand))


def free(at: HostStatus, gpu_model: str | None) -> Demand:
    """What can be rented of the host now, with its GPUs of that model."""
    return _for_sale(at, offering.free(at.capacity), gpu_model)


def _for_sale(at: HostStatus, part: Slice, gpu_model: str | None) -> Demand:
    """How much a part of the host comes to. GPUs without a price are not for sale."""
    priced = gpu_model is not None and at.prices.gpu_nanos_per_hour(gpu_model) is not None
    gpus = len(offering.gpus_of(gpu_model, part, at.host)) if priced and gpu_model else 0
    return Demand(part.vcpus, part.memory_mib, part.disk_gib, gpus, gpu_model if gpus else None)


def _reason(name: str, hosts: list[HostStatus], alone: int, wish: Wish) -> Reason:
    field = QUANTITIES.get(name)
    if field is None:
        return Reason(name, len(hosts), alone)
    model = wish.demand.gpu_model
    most_free = max(getattr(free(at, model), field) for at in hosts)
    most_offered = max(getattr(_for_sale(at, offering.on_sale(at.capacity, at.host), model), field) for at in hosts)
    return Reason(name, len(hosts), alone, getattr(wish.demand, field), most_free, most_offered)


def _broken(at: HostStatus, wish: Wish) -> list[str]:
    return [name for name, fits in CONSTRAINTS.items() if not fits(at, wish)]
