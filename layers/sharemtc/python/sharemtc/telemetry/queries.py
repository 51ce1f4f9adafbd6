"""Reads series, in the finest resolution for a window; expired points are not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sharemtc import clock
from sharemtc.problems import FieldError, Invalid
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.telemetry.kinds import (
    FIVE_MINUTES_KEPT,
    HOUR_KEPT,
    HOUR_MS,
    RAW_KEPT,
    SLOT_MS,
    Resolution,
)
from sharemtc.telemetry.rollups import Figure, Figures, merge
from sharemtc.telemetry.table import (
    Chunk,
    Rollup,
    five_minutes_partition,
    hour_partition,
    raw_partition,
    second_key,
)
from sharemtc.wire import MetricType

FIRST_WINDOW = timedelta(hours=1)
RAW_WINDOW = timedelta(hours=2)
FIVE_MINUTES_WINDOW = timedelta(days=7)
_KEPT = {Resolution.RAW: RAW_KEPT, Resolution.FIVE_MINUTES: FIVE_MINUTES_KEPT, Resolution.HOUR: HOUR_KEPT}
STEP_MS = {Resolution.FIVE_MINUTES: SLOT_MS, Resolution.HOUR: HOUR_MS}


class Window(NamedTuple):
    """`start` is inclusive, `end` exclusive."""

    start: datetime
    end: datetime


class Point(NamedTuple):
    """A measurement, or a summary of one step; `value` is the mean."""

    captured_at: datetime
    value: float
    min: float
    max: float
    samples: int


def window(start: datetime | None, end: datetime | None, now: datetime) -> Window:
    """The window, with defaults. Errors: `Invalid` naming `/from` or `/to`."""
    until = end or now + timedelta(milliseconds=1)
    since = start or until - FIRST_WINDOW
    if since >= until:
        raise _wrong("/from", "not_before_to", "The window must start before it ends.")
    if until - since > HOUR_KEPT:
        raise _wrong("/from", "too_long", f"A window can be at most {HOUR_KEPT.days} days long.")
    return Window(since, until)


def finest(asked: Window, now: datetime) -> Resolution:
    """The finest resolution for the window's length that is still stored for its start."""
    length = asked.end - asked.start
    if length <= RAW_WINDOW + timedelta(milliseconds=1) and asked.start >= now - RAW_KEPT:
        return Resolution.RAW
    if length <= FIVE_MINUTES_WINDOW + timedelta(milliseconds=1) and asked.start >= now - FIVE_MINUTES_KEPT:
        return Resolution.FIVE_MINUTES
    return Resolution.HOUR


def series(key: str, metric: MetricType, asked: Window, resolution: Resolution, limit: int) -> list[Point]:
    found: list[Point] = []
    for point in _points(key, metric, asked, resolution):
        found.append(point)
        if len(found) == limit:
            break
    return found


def figures(key: str, asked: Window, resolution: Resolution) -> Iterator[tuple[int, Figures]]:
    """The roll-ups that start in the window, with their starts in Unix milliseconds, ordered by time."""
    step_ms = STEP_MS[resolution]
    kept = _kept(asked, resolution)
    if kept is None:
        return
    first_ms = clock.to_ms(kept.start) // step_ms * step_ms
    last_ms = clock.to_ms(kept.end) - 1
    partition = five_minutes_partition if resolution is Resolution.FIVE_MINUTES else hour_partition
    within = Rollup.sk.between(second_key(first_ms), second_key(last_ms))
    for name in _partitions(first_ms, last_ms, lambda at: partition(key, at)):
        for rollup in skip_unreadable(Rollup.query(name, within)):
            yield int(rollup.sk) * 1000, rollup.figures


def mean_point(begin_ms: int, figure: Figure) -> Point:
    return Point(clock.from_ms(begin_ms), figure.sum / figure.samples, figure.min, figure.max, figure.samples)


def _points(key: str, metric: MetricType, asked: Window, resolution: Resolution) -> Iterator[Point]:
    if resolution is Resolution.RAW:
        yield from _raw(key, metric, asked)
        return
    for begin_ms, of_step in figures(key, asked, resolution):
        if metric in of_step:
            yield mean_point(begin_ms, of_step[metric])


def _raw(key: str, metric: MetricType, asked: Window) -> Iterator[Point]:
    kept = _kept(asked, Resolution.RAW)
    if kept is None:
        return
    start_ms, end_ms = clock.to_ms(kept.start), clock.to_ms(kept.end)
    within = Chunk.sk.between(second_key(start_ms // SLOT_MS * SLOT_MS), f"{second_key(end_ms - 1)}~")
    for name in _partitions(start_ms, end_ms - 1, lambda at: raw_partition(key, at)):
        chunks = [(chunk.batch_id, chunk.points) for chunk in skip_unreadable(Chunk.query(name, within))]
        for at_ms, value in merge(chunks).get(metric, []):
            if start_ms <= at_ms < end_ms:
                yield Point(clock.from_ms(at_ms), value, value, value, 1)


def _partitions(first_ms: int, last_ms: int, name: Callable[[datetime], str]) -> Iterator[str]:
    before = ""
    for at_ms in [*range(first_ms, last_ms + 1, HOUR_MS), last_ms]:
        current = name(clock.from_ms(at_ms))
        if current != before:
            yield current
        before = current


def _kept(asked: Window, resolution: Resolution) -> Window | None:
    """The part of the window that is not expired (DynamoDB deletes late); None when all of it is."""
    start = max(asked.start, clock.now() - _KEPT[resolution])
    # DynamoDB rejects a range that ends before it starts
    return Window(start, asked.end) if start < asked.end else None


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(errors=(FieldError(pointer, code, message),))
