"""Accepts batches of agents that are newer than the platform: unknown parts are counted and named in the response."""

from __future__ import annotations

from typing import Any

from pydantic import PrivateAttr

from sharemtc.http.parsing import Place, without_refused
from sharemtc.wire import TelemetryBatch

MAX_NAMES, MAX_NAME_CHARS = 20, 64


class PartialBatch(TelemetryBatch):
    """A batch without its unknown parts; `_places` are the original indices of its points."""

    _places: tuple[int, ...] = PrivateAttr(())
    _unknown: tuple[str, ...] = PrivateAttr(())
    _unknown_points: int = PrivateAttr(0)


def salvage(value: Any) -> TelemetryBatch:
    """The batch without points of unknown metrics and without unknown fields. Errors: `Invalid` for other errors."""
    points = value.get("metrics") if isinstance(value, dict) else None
    given = list(points) if isinstance(points, list) else []
    batch, refused = without_refused(PartialBatch, value, _unknown_part)
    assert batch is not None  # a missing field raises `Invalid`
    gone = {place[1] for place, error in refused if len(place) == 2 and place[0] == "metrics"}
    batch._places = tuple(index for index in range(len(given)) if index not in gone)
    batch._unknown_points = len(gone)
    names = (_name(given, place) for place, _ in refused)
    batch._unknown = tuple(dict.fromkeys(name[:MAX_NAME_CHARS] for name in names))[:MAX_NAMES]
    return batch


def place_of(batch: TelemetryBatch, index: int) -> int:
    """The index of a point in the batch as it was sent."""
    return batch._places[index] if isinstance(batch, PartialBatch) else index


def unknown_in(batch: TelemetryBatch) -> tuple[int, tuple[str, ...]]:
    """The number of points of unknown metrics, and the names of unknown metrics and fields."""
    return (batch._unknown_points, batch._unknown) if isinstance(batch, PartialBatch) else (0, ())


def _unknown_part(place: Place, code: str) -> Place | None:
    if code == "extra_forbidden":
        return place
    if code == "enum" and len(place) == 3 and place[0] == "metrics" and place[2] == "metric_type":
        return place[:2]
    return None


def _name(points: list[Any], place: Place) -> str:
    if len(place) == 2 and place[0] == "metrics" and isinstance(place[1], int):
        return str(points[place[1]].get("metric_type"))
    return str(place[-1])
