"""Roll-ups of points: pure functions whose result does not depend on the order or repetition of batches.

A batch is stored as one chunk per resource and five-minute slot, keyed by its id, so a repeated batch writes the same
chunk. A roll-up is always computed from all its chunks or smaller roll-ups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sharemtc.telemetry.kinds import SLOT_MS

# (Unix time in milliseconds, value), by metric
Points = dict[str, list[tuple[int, float]]]


class Figure(NamedTuple):
    """The summary of one metric's samples in one period; `last_at_ms` is Unix time."""

    samples: int
    min: float
    max: float
    sum: float
    last: float
    last_at_ms: int


Figures = dict[str, Figure]


def slots(points: Mapping[str, Sequence[tuple[int, float]]]) -> dict[int, Points]:
    """The points of one resource by five-minute slot; the key is its start in Unix milliseconds."""
    found: dict[int, Points] = {}
    for metric, series in points.items():
        for point in series:
            slot = found.setdefault(point[0] // SLOT_MS * SLOT_MS, {})
            slot.setdefault(metric, []).append(point)
    return found


def merge(chunks: Iterable[tuple[str, Points]]) -> Points:
    """The points of all chunks, ordered by time; of two for one instant the one of the later batch id is used."""
    found: dict[str, dict[int, float]] = {}
    for _, points in sorted(chunks, key=lambda chunk: chunk[0]):
        for metric, series in points.items():
            found.setdefault(metric, {}).update(series)
    return {metric: sorted(by_ms.items()) for metric, by_ms in sorted(found.items())}


def summarize(points: Points) -> Figures:
    """The figures of merged points. `math.fsum` rounds correctly, so that sums do not depend on the order."""
    found: Figures = {}
    for metric, series in points.items():
        values = [value for _, value in series]
        last_at_ms, last = series[-1]
        found[metric] = Figure(len(values), min(values), max(values), math.fsum(values), last, last_at_ms)
    return found


def combine(parts: Iterable[Figures]) -> Figures:
    by_metric: dict[str, list[Figure]] = {}
    for part in parts:
        for metric, figure in part.items():
            by_metric.setdefault(metric, []).append(figure)
    return {metric: _combined(figures) for metric, figures in sorted(by_metric.items())}


def _combined(figures: Sequence[Figure]) -> Figure:
    last = max(figures, key=lambda figure: figure.last_at_ms)
    return Figure(
        samples=sum(figure.samples for figure in figures),
        min=min(figure.min for figure in figures),
        max=max(figure.max for figure in figures),
        sum=math.fsum(figure.sum for figure in figures),
        last=last.last,
        last_at_ms=last.last_at_ms,
    )
