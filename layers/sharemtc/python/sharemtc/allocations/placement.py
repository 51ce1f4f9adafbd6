"""Placement: constraints reject hosts, price orders them, chance spreads renters; and why nothing fits. Pure rules.

Candidates are proposals; the conditional write that takes the slice decides.
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

# the cheapest hosts, among which renters are spread
BEST = 16


class Requirements(NamedTuple):
    """What a host must offer: size and image, and the chosen host or region, if any."""

    demand: Demand
    image: str
    host_id: str | None = None
    region: str | None = None
    not_host_id: str | None = None


class Reason(NamedTuple):
    """How many hosts one constraint was the first to reject, and how many would fit without it alone.

    For a quantity: how much is needed, and the most that one of those hosts has free and offers.
    """

    constraint: str
    rejected: int
    would_match: int
    needed: int | None = None
    largest_free: int | None = None
    largest_offered: int | None = None


class Nearest(NamedTuple):
    """The host that comes nearest to unmet requirements, and how much of them it has now."""

    at: HostStatus
    demand: Demand


Fits = Callable[[HostStatus, Requirements], bool]

CONSTRAINTS: dict[str, Fits] = {
    "host": lambda at, requirements: (
        requirements.host_id in (None, at.host.id) and requirements.not_host_id != at.host.id
    ),
    "region": lambda at, requirements: requirements.region in (None, at.region),
    "alive": lambda at, requirements: at.state is HostState.READY,
    "virtualisation": lambda at, requirements: at.host.inventory.accelerator is not None,
    "image": lambda at, requirements: requirements.image in at.host.inventory.images,
    "gpus": lambda at, requirements: (
        not requirements.demand.gpus or free(at, requirements.demand.gpu_model).gpus >= requirements.demand.gpus
    ),
    "vcpus": lambda at, requirements: at.capacity.free_vcpus >= requirements.demand.vcpus,
    "memory": lambda at, requirements: at.capacity.free_memory_mib >= requirements.demand.memory_mib,
    "disk": lambda at, requirements: at.capacity.free_disk_gib >= requirements.demand.disk_gib,
}

# the constraints that are quantities, and their field of a demand
QUANTITIES = {"gpus": "gpus", "vcpus": "vcpus", "memory": "memory_mib", "disk": "disk_gib"}


def candidates(statuses: list[HostStatus], requirements: Requirements) -> list[HostStatus]:
    """The hosts that fit, cheapest first; the first `BEST` shuffled, so that concurrent renters rarely conflict."""
    fitting = [at for at in statuses if not _unmet(at, requirements)]
    fitting.sort(key=lambda at: (rate_at(at, requirements.demand), at.host.id))
    best, rest = fitting[:BEST], fitting[BEST:]
    for index in range(len(best) - 1, 0, -1):
        other = clock.choose_index(index + 1)
        best[index], best[other] = best[other], best[index]
    return best + rest


def explain(statuses: list[HostStatus], requirements: Requirements) -> list[Reason]:
    """Why nothing fits. Each host counts once, for the first constraint that rejects it, in their order."""
    rejected: dict[str, list[HostStatus]] = {}
    sole: dict[str, int] = {}
    for at in statuses:
        unmet = _unmet(at, requirements)
        if unmet:
            rejected.setdefault(unmet[0], []).append(at)
            sole[unmet[0]] = sole.get(unmet[0], 0) + (len(unmet) == 1)
    return [_reason(name, rejected[name], sole[name], requirements) for name in CONSTRAINTS if name in rejected]


def shortage(at: HostStatus, demand: Demand) -> list[Reason]:
    """The quantities of `demand` that the host does not have free."""
    requirements = Requirements(demand, image="")
    return [_reason(name, [at], 0, requirements) for name in QUANTITIES if not CONSTRAINTS[name](at, requirements)]


def nearest(statuses: list[HostStatus], requirements: Requirements, least: Demand) -> Nearest | None:
    """The nearest alternative: the same size on another host, else the largest free part; then the cheapest.

    None when no host that takes new workloads has at least `least`, with a GPU if some are required.
    """
    anywhere = requirements._replace(host_id=None)
    whole = [at for at in statuses if not _unmet(at, anywhere)]
    if whole:
        return Nearest(min(whole, key=lambda at: (rate_at(at, requirements.demand), at.host.id)), requirements.demand)
    model = requirements.demand.gpu_model
    smallest = anywhere._replace(demand=replace(least, gpus=1, gpu_model=model) if model else least)
    found = [(at, requirements.demand.at_most(free(at, model))) for at in statuses if not _unmet(at, smallest)]
    if not found:
        return None

    def distance(one: tuple[HostStatus, Demand]) -> tuple[float, int, str]:
        at, has = one
        wants = {name: getattr(requirements.demand, name) for name in QUANTITIES.values()}
        missing = sum(1 - getattr(has, name) / wanted for name, wanted in wants.items() if wanted)
        return missing, rate_at(at, has), at.host.id

    return Nearest(*min(found, key=distance))


def rate_at(at: HostStatus, demand: Demand) -> int:
    """The hourly cost of `demand` on that host, running."""
    return money.running_rate(money.price_lines(at.prices, demand))


def free(at: HostStatus, gpu_model: str | None) -> Demand:
    """Free capacity of the host, with its GPUs of that model."""
    return _for_sale(at, offering.free(at.capacity), gpu_model)


def _for_sale(at: HostStatus, part: Slice, gpu_model: str | None) -> Demand:
    """The slice as a demand. GPUs without a price are not for sale."""
    priced = gpu_model is not None and at.prices.gpu_nanos_per_hour(gpu_model) is not None
    gpus = len(offering.gpus_of(gpu_model, part, at.host)) if priced and gpu_model else 0
    return Demand(part.vcpus, part.memory_mib, part.disk_gib, gpus, gpu_model if gpus else None)


def _reason(name: str, hosts: list[HostStatus], alone: int, requirements: Requirements) -> Reason:
    field = QUANTITIES.get(name)
    if field is None:
        return Reason(name, len(hosts), alone)
    model = requirements.demand.gpu_model
    most_free = max(getattr(free(at, model), field) for at in hosts)
    most_offered = max(getattr(_for_sale(at, offering.on_sale(at.capacity, at.host), model), field) for at in hosts)
    return Reason(name, len(hosts), alone, getattr(requirements.demand, field), most_free, most_offered)


def _unmet(at: HostStatus, requirements: Requirements) -> list[str]:
    return [name for name, fits in CONSTRAINTS.items() if not fits(at, requirements)]
