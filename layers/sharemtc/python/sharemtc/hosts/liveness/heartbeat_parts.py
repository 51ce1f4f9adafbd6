"""A heartbeat in parts: who speaks, that it lives and how it does are read strictly, the rest item by item.

What a machine says of one GPU or one workload must not decide whether it is heard. A refused part is named in the
answer and counts as not said: what was known of it stays known, so that a refusal is never taken for an absence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import PrivateAttr

from sharemtc.hosts.inventory.descriptions import Description
from sharemtc.http.parsing import MAX_ERRORS, Place, without_refused
from sharemtc.problems import FieldError
from sharemtc.wire import Heartbeat, Inventory, Wire, Workload, protocol

_LISTS = frozenset({"gpus", "capabilities", "images"})
_ID = re.compile(r"[a-zA-Z]{2,12}[_-][0-9A-Za-z-]{1,60}")


class PartialHeartbeat(Heartbeat):
    """A heartbeat of which something was refused."""

    _problems: tuple[FieldError, ...] = PrivateAttr(())
    _description: Description | None = PrivateAttr(None)
    # ids of workloads of which something was refused; None when it cannot be told which these are
    _unread_workloads: frozenset[str] | None = PrivateAttr(frozenset())


def salvage(value: Any) -> Heartbeat:
    """What can be taken of a body that is not quite a heartbeat. Errors: `Invalid` naming what makes it none.

    Of a protocol version that is not supported, nothing but the version is read.
    """
    version = value.get("protocol_version") if isinstance(value, dict) else None
    if type(version) is int and not protocol.is_supported(version):
        return PartialHeartbeat.model_construct(protocol_version=version)  # type: ignore[call-arg]
    told = value.pop("inventory", None) if isinstance(value, dict) else None
    workloads = value.get("workloads") if isinstance(value, dict) else None
    listed = list(workloads) if isinstance(workloads, list) else []
    beat, refused = without_refused(PartialHeartbeat, value, _part_of_heartbeat)
    assert beat is not None  # none of its parts has to be there
    problems = [error for _, error in refused]
    beat._unread_workloads = _names(listed, "id", [part[1:] for part, _ in refused if part[0] == "workloads"])
    if told is not None:
        beat._description, wrong = _read_description(told)
        problems += wrong
    beat._problems = tuple(problems[:MAX_ERRORS])
    return beat


def problems_of(beat: Heartbeat) -> tuple[FieldError, ...]:
    """What was refused of it."""
    return beat._problems if isinstance(beat, PartialHeartbeat) else ()


def description_of(beat: Heartbeat) -> Description | None:
    """What it says of the machine."""
    if isinstance(beat, PartialHeartbeat):
        return beat._description
    return Description(beat.inventory) if beat.inventory is not None else None


def workloads_of(beat: Heartbeat, known: Iterable[Workload]) -> tuple[Workload, ...]:
    """The workloads that it lists; one of which something was refused is there, as it was known."""
    if not isinstance(beat, PartialHeartbeat):
        return beat.workloads
    listed, unread = {workload.id for workload in beat.workloads}, beat._unread_workloads
    kept = (one for one in known if one.id not in listed and (unread is None or one.id in unread))
    return (*beat.workloads, *kept)


def _read_description(told: Any) -> tuple[Description | None, list[FieldError]]:
    gpus = told.get("gpus") if isinstance(told, dict) else None
    listed = list(gpus) if isinstance(gpus, list) else []
    wrapped = {"inventory": told}
    inventory, refused = without_refused(_Described, wrapped, _part_of_description)
    errors = [error for _, error in refused]
    if "inventory" not in wrapped:
        return None, errors
    parts = [part[1:] for part, _ in refused]
    if inventory is not None and not any(len(part) == 1 and part[0] in Inventory.model_fields for part in parts):
        whole = inventory.inventory
    else:
        whole = None
    unread = _names(listed, "uuid", [part[1:] for part in parts if part[0] == "gpus"])
    return Description(whole, told, unread), errors


class _Described(Wire):
    inventory: Inventory


def _part_of_heartbeat(place: Place, code: str) -> Place | None:
    if code == "extra_forbidden":
        return place
    return place[:2] if place[:1] == ("workloads",) else None


def _part_of_description(place: Place, code: str) -> Place | None:
    if code == "extra_forbidden" or len(place) == 1:
        return place
    return place[:3] if place[1] in _LISTS and len(place) > 2 else place[:2]


def _names(listed: list[Any], name: str, parts: list[Place]) -> frozenset[str] | None:
    """The ids in those items of a list that were refused; None when one has none that can be read."""
    items = [listed[part[0]] if part and isinstance(part[0], int) else None for part in parts]
    given = [item.get(name) if isinstance(item, dict) else None for item in items]
    found = frozenset(one for one in given if isinstance(one, str) and _ID.fullmatch(one))
    return found if len(found) == len(set(map(str, given))) else None
