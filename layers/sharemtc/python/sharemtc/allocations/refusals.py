"""Why a machine cannot be rented or started now, in words and in figures, and what would come nearest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sharemtc import money
from sharemtc.allocations import placement
from sharemtc.allocations.placement import Nearest, Reason, Wish
from sharemtc.hosts import service as hosts
from sharemtc.hosts.service import HostStatus
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound
from sharemtc.resources import Demand


class NoCapacity(Conflict):
    """Nothing fits.

    `constraints` counts each of `hosts` once, with what is needed and the most that is free and offered; `nearest` is
    what could be rented instead: the same size on another host, else a smaller one.
    """

    code, title = "no_capacity", "No machine fits"


class HostFull(Conflict):
    """A stopped VM cannot start: others use what it gave back. Its disk is kept; `constraints` says what is missing."""

    code, title, retryable = "host_full", "Its host has no room for it right now", True


_UNITS = {"vcpus": "vCPUs", "memory": "MiB of memory", "disk": "GiB of disk"}
_SENTENCES = {
    "host": "not the one that is asked for",
    "region": "in another region",
    "alive": "not taking new VMs",
    "virtualisation": "unable to run VMs",
    "image": "without the image",
}


def no_capacity(statuses: list[HostStatus], wish: Wish, least: Demand) -> Conflict | Invalid:
    """The refusal of an order or a quote; `least` is the smallest machine that its template runs on."""
    asked = statuses
    if wish.host_id is not None:
        asked = [at for at in statuses if at.host.id == wish.host_id]
        if not asked:
            return _not_on_the_market(statuses, wish, least)
    reasons = placement.explain(asked, wish)
    closest = placement.nearest(statuses, wish, least)
    return NoCapacity(
        _sentence(asked, wish, reasons, closest),
        hosts=len(asked),
        constraints=[reason._asdict() for reason in reasons],
        nearest=_told(closest),
    )


def host_full(
    at: HostStatus, demand: Demand, reasons: list[Reason], stopped_rate_nanos_per_hour: int, image: str
) -> HostFull:
    """The refusal to start a stopped VM of that size: what is missing, that its disk is safe, and the ways on."""
    wish = Wish(demand, image, not_host_id=at.host.id)
    closest = placement.nearest(hosts.on_the_market(), wish, demand)
    elsewhere = f" {closest.at.host.name} has room for a new VM of this size, without this disk." if closest else ""
    return HostFull(
        f"{_missing(at, reasons, wish)} The disk is kept on that host and is safe."
        f" Try again when others have stopped, or terminate this VM to stop paying for its disk.{elsewhere}",
        constraints=[reason._asdict() for reason in reasons],
        nearest=_told(closest),
        stopped_rate_nanos_per_hour=stopped_rate_nanos_per_hour,
    )


def _not_on_the_market(statuses: list[HostStatus], wish: Wish, least: Demand) -> Conflict | Invalid:
    assert wish.host_id is not None
    try:
        hosts.find(wish.host_id)
    except NotFound:
        return Invalid(errors=(FieldError("/host_id", "unknown", "There is no such host."),))
    closest = placement.nearest(statuses, wish, least)
    return NoCapacity(
        "This host no longer takes part.",
        hosts=1,
        constraints=[Reason("alive", 1, 0)._asdict()],
        nearest=_told(closest),
    )


def _sentence(asked: list[HostStatus], wish: Wish, reasons: list[Reason], closest: Nearest | None) -> str:
    if not asked:
        return "There are no hosts yet."
    if not reasons:
        return "Others were faster. Try again."
    if wish.host_id is not None:
        told = _missing(asked[0], reasons, wish)
    else:
        told = f"0 of {_hosts(len(asked))} fit: {', '.join(_why(reason, wish) for reason in reasons)}."
        offered = [
            one for one in reasons if one.largest_offered is not None and (one.needed or 0) > one.largest_offered
        ]
        if offered and len(offered) == len(reasons):
            most = max(one.largest_offered or 0 for one in offered)
            told += f" No host offers more than {most} {_unit(offered[0], wish)}."
    if closest is None:
        return told
    return f"{told} Nearest: {closest.demand} on {closest.at.host.name}."


def _unit(reason: Reason, wish: Wish) -> str:
    return f"{wish.demand.gpu_model} GPUs" if reason.constraint == "gpus" else _UNITS[reason.constraint]


def _why(reason: Reason, wish: Wish) -> str:
    hosts_told = _hosts(reason.rejected)
    if reason.needed is None:
        return f"{hosts_told} {_SENTENCES[reason.constraint]}"
    return f"{hosts_told} with at most {reason.largest_free} of {reason.needed} {_unit(reason, wish)} free"


def _missing(at: HostStatus, reasons: list[Reason], wish: Wish) -> str:
    """What one host lacks."""
    lacks = [
        f"has {one.largest_free} of {one.largest_offered} {_unit(one, wish)} free, {one.needed} needed"
        if one.needed is not None
        else f"is {_SENTENCES[one.constraint]}"
        for one in reasons
    ]
    return f"{at.host.name} {' and '.join(lacks)}."


def _hosts(count: int) -> str:
    return f"{count} host" if count == 1 else f"{count} hosts"


def _told(closest: Nearest | None) -> dict[str, Any] | None:
    if closest is None:
        return None
    at, demand = closest
    return {
        "host_id": at.host.id,
        "host_name": at.host.name,
        "region": at.region,
        **asdict(demand),
        "rate_nanos_per_hour": placement.rate_at(at, demand),
        "currency": money.CURRENCY,
    }
