"""Why a workload cannot be rented or started now, as text and figures, and the nearest alternative."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sharemtc import money
from sharemtc.allocations import placement
from sharemtc.allocations.placement import Nearest, Reason, Requirements
from sharemtc.hosts import service as hosts
from sharemtc.hosts.service import HostStatus
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound
from sharemtc.resources import Demand


class NoCapacity(Conflict):
    """No host fits.

    `constraints` counts each of `hosts` once, with what is needed and the most that is free and offered; `nearest` is
    what could be rented instead: the same size on another host, else a smaller one.
    """

    code, title = "no_capacity", "No host fits"


class HostFull(Conflict):
    """A stopped workload cannot start: others use the capacity that it gave back.

    Its disk is kept; `constraints` names what is missing.
    """

    code, title, retryable = "host_full", "Not enough free capacity on the host", True


_UNITS = {"vcpus": "vCPUs", "memory": "MiB of memory", "disk": "GiB of disk"}
_SENTENCES = {
    "host": "not the chosen one",
    "region": "in another region",
    "alive": "not taking new workloads",
    "virtualisation": "without virtualisation",
    "image": "without the image",
}


def no_capacity(statuses: list[HostStatus], requirements: Requirements, least: Demand) -> Conflict | Invalid:
    """The refusal of an order or a quote; `least` is the smallest size of its template."""
    considered = statuses
    if requirements.host_id is not None:
        considered = [at for at in statuses if at.host.id == requirements.host_id]
        if not considered:
            return _not_on_the_market(statuses, requirements, least)
    reasons = placement.explain(considered, requirements)
    closest = placement.nearest(statuses, requirements, least)
    return NoCapacity(
        _sentence(considered, requirements, reasons, closest),
        hosts=len(considered),
        constraints=[reason._asdict() for reason in reasons],
        nearest=_nearest(closest),
    )


def host_full(
    at: HostStatus, demand: Demand, reasons: list[Reason], stopped_rate_nanos_per_hour: int, image: str
) -> HostFull:
    """The refusal to start a stopped workload: what is missing, that its disk is kept, and alternatives."""
    requirements = Requirements(demand, image, not_host_id=at.host.id)
    closest = placement.nearest(hosts.on_the_market(), requirements, demand)
    elsewhere = (
        f" {closest.at.host.name} has capacity for a new workload of this size, without this disk." if closest else ""
    )
    return HostFull(
        f"{_missing(at, reasons, requirements)} The disk is kept on that host."
        f" Try again when others have stopped, or terminate this workload to stop paying for its disk.{elsewhere}",
        constraints=[reason._asdict() for reason in reasons],
        nearest=_nearest(closest),
        stopped_rate_nanos_per_hour=stopped_rate_nanos_per_hour,
    )


def _not_on_the_market(statuses: list[HostStatus], requirements: Requirements, least: Demand) -> Conflict | Invalid:
    assert requirements.host_id is not None
    try:
        hosts.find(requirements.host_id)
    except NotFound:
        return Invalid(errors=(FieldError("/host_id", "unknown", "Unknown host."),))
    closest = placement.nearest(statuses, requirements, least)
    return NoCapacity(
        "This host is retired or banned.",
        hosts=1,
        constraints=[Reason("alive", 1, 0)._asdict()],
        nearest=_nearest(closest),
    )


def _sentence(
    considered: list[HostStatus], requirements: Requirements, reasons: list[Reason], closest: Nearest | None
) -> str:
    if not considered:
        return "There are no hosts yet."
    if not reasons:
        return "The capacity was just taken. Try again."
    if requirements.host_id is not None:
        sentence = _missing(considered[0], reasons, requirements)
    else:
        sentence = f"0 of {_hosts(len(considered))} fit: {', '.join(_why(reason, requirements) for reason in reasons)}."
        offered = [
            one for one in reasons if one.largest_offered is not None and (one.needed or 0) > one.largest_offered
        ]
        if offered and len(offered) == len(reasons):
            most = max(one.largest_offered or 0 for one in offered)
            sentence += f" No host offers more than {most} {_unit(offered[0], requirements)}."
    if closest is None:
        return sentence
    return f"{sentence} Nearest: {closest.demand} on {closest.at.host.name}."


def _unit(reason: Reason, requirements: Requirements) -> str:
    return f"{requirements.demand.gpu_model} GPUs" if reason.constraint == "gpus" else _UNITS[reason.constraint]


def _why(reason: Reason, requirements: Requirements) -> str:
    count = _hosts(reason.rejected)
    if reason.needed is None:
        return f"{count} {_SENTENCES[reason.constraint]}"
    return f"{count} with at most {reason.largest_free} of {reason.needed} {_unit(reason, requirements)} free"


def _missing(at: HostStatus, reasons: list[Reason], requirements: Requirements) -> str:
    """What one host lacks."""
    lacks = [
        f"has {one.largest_free} of {one.largest_offered} {_unit(one, requirements)} free, {one.needed} needed"
        if one.needed is not None
        else f"is {_SENTENCES[one.constraint]}"
        for one in reasons
    ]
    return f"{at.host.name} {' and '.join(lacks)}."


def _hosts(count: int) -> str:
    return f"{count} host" if count == 1 else f"{count} hosts"


def _nearest(closest: Nearest | None) -> dict[str, Any] | None:
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
