"""Heartbeats with invalid parts: identity, sequence and figures are read strictly, lists item by item.

An invalid GPU or workload must not reject the whole heartbeat. An invalid part is named in the response and ignored:
what was known of it stays known, so it is never taken for absent.
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
    """A heartbeat with invalid parts."""

    _problems: tuple[FieldError, ...] = PrivateAttr(())
    _description: Description | None = PrivateAttr(None)
    # ids of workloads with invalid parts; None when the ids are unreadable
    _refused_workloads: frozenset[str] | None = PrivateAttr(frozenset())


def read_partial(value: Any) -> Heartbeat:
    """The valid parts of a heartbeat. Errors: `Invalid` when a required part is invalid.

    Of an unsupported protocol version only the version is read.
    """
    version = protocol.version_in(value)
    if version is not None and not protocol.is_supported(version):
        return PartialHeartbeat.model_construct(protocol_version=version)  # type: ignore[call-arg]
    described = value.pop("inventory", None) if isinstance(value, dict) else None
    workloads = value.get("workloads") if isinstance(value, dict) else None
    listed = list(workloads) if isinstance(workloads, list) else []
    beat, refused = without_refused(PartialHeartbeat, value, _part_of_heartbeat)
    assert beat is not None  # a model without required parts
    problems = [error for _, error in refused]
    beat._refused_workloads = _refused_ids(listed, "id", [part[1:] for part, _ in refused if part[0] == "workloads"])
    if described is not None:
        beat._description, errors = _read_description(described)
        problems += errors
    beat._problems = tuple(problems[:MAX_ERRORS])
    return beat


def problems_of(beat: Heartbeat) -> tuple[FieldError, ...]:
    return beat._problems if isinstance(beat, PartialHeartbeat) else ()


def description_of(beat: Heartbeat) -> Description | None:
    if isinstance(beat, PartialHeartbeat):
        return beat._description
    return Description(beat.inventory) if beat.inventory is not None else None


def workloads_of(beat: Heartbeat, known: Iterable[Workload]) -> tuple[Workload, ...]:
    """The listed workloads; those with invalid parts as they were known before."""
    if not isinstance(beat, PartialHeartbeat):
        return beat.workloads
    listed, refused = {workload.id for workload in beat.workloads}, beat._refused_workloads
    kept = (one for one in known if one.id not in listed and (refused is None or one.id in refused))
    return (*beat.workloads, *kept)


def _read_description(described: Any) -> tuple[Description | None, list[FieldError]]:
    gpus = described.get("gpus") if isinstance(described, dict) else None
    listed = list(gpus) if isinstance(gpus, list) else []
    wrapped = {"inventory": described}
    inventory, refused = without_refused(_Described, wrapped, _part_of_description)
    errors = [error for _, error in refused]
    if "inventory" not in wrapped:
        return None, errors
    parts = [part[1:] for part, _ in refused]
    if inventory is not None and not any(len(part) == 1 and part[0] in Inventory.model_fields for part in parts):
        whole = inventory.inventory
    else:
        whole = None
    refused_gpus = _refused_ids(listed, "uuid", [part[1:] for part in parts if part[0] == "gpus"])
    return Description(whole, described, refused_gpus), errors


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


def _refused_ids(listed: list[Any], name: str, parts: list[Place]) -> frozenset[str] | None:
    """The ids of a list's invalid items; None when one of them has no readable id."""
    items = [listed[part[0]] if part and isinstance(part[0], int) else None for part in parts]
    given = [item.get(name) if isinstance(item, dict) else None for item in items]
    found = frozenset(one for one in given if isinstance(one, str) and _ID.fullmatch(one))
    return found if len(found) == len(set(map(str, given))) else None
