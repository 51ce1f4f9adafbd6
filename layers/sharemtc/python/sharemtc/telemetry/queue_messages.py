"""A batch on its way through the queue: judged already, compact, and cut so that each part fits a message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter

from sharemtc import clock
from sharemtc.telemetry.kinds import ResourceType, gpu_key, type_of
from sharemtc.telemetry.plausibility import Flag
from sharemtc.telemetry.rollups import Points
from sharemtc.wire import TelemetryBatch

T = TypeVar("T")

# SQS takes 256 KiB
MAX_MESSAGE_CHARS = 240_000


@dataclass(frozen=True)
class Parcel:
    """A batch, or a part of one, of one host. `points` are by key; `batch_id` names the part too."""

    host_id: str
    owner_id: str
    batch_id: str
    points: dict[str, Points]
    checks: list[tuple[str, str, str, str, int]]
    logs: list[tuple[int, str, str, str]]
    # resource, metric, the most that it should be, how many points were more, when the last was: Unix ms
    flags: list[tuple[str, str, float, int, int]] = field(default_factory=list)

    def encoded(self) -> str:
        """JSON in ASCII: a queue refuses some characters that JSON allows."""
        return json.dumps(vars(self), separators=(",", ":"))

    @staticmethod
    def decoded(text: str) -> Parcel:
        """What `encoded` gave."""
        return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[Parcel]:
    return TypeAdapter(Parcel)


def messages(host_id: str, owner_id: str, batch: TelemetryBatch, flags: Sequence[Flag] = ()) -> Iterator[str]:
    """The batch in as few messages as it takes; the same batch is always cut in the same way."""
    text = _parcel(host_id, owner_id, batch, flags).encoded()
    if len(text) <= MAX_MESSAGE_CHARS:
        yield text
        return
    for half in (0, 1):
        yield from messages(host_id, owner_id, _half(batch, half), () if half else flags)


def key_of(host_id: str, resource_id: str) -> str:
    """The key that a resource's figures are kept under, told by that host."""
    return gpu_key(host_id, resource_id) if type_of(resource_id) is ResourceType.GPU else resource_id


def _parcel(host_id: str, owner_id: str, batch: TelemetryBatch, flags: Sequence[Flag]) -> Parcel:
    points: dict[str, Points] = {}
    known: dict[tuple[str, str], list[tuple[int, float]]] = {}
    # many points are of one instant
    instants_ms: dict[datetime, int] = {}
    for point in batch.metrics:
        pair, at = (point.resource_id, point.metric_type), point.captured_at
        series = known.get(pair)
        if series is None:
            series = known[pair] = []
            points.setdefault(key_of(host_id, point.resource_id), {})[point.metric_type.value] = series
        at_ms = instants_ms.get(at)
        if at_ms is None:
            at_ms = instants_ms[at] = clock.to_ms(at)
        series.append((at_ms, point.value))
    return Parcel(
        host_id,
        owner_id,
        batch.batch_id,
        points,
        [(r.resource_id, r.check_type, r.status, r.details, clock.to_ms(r.checked_at)) for r in batch.health_checks],
        [(clock.to_ms(line.at), line.level, line.source, line.message) for line in batch.logs],
        [flag_row(flag) for flag in flags],
    )


def flag_row(flag: Flag) -> tuple[str, str, float, int, int]:
    """A flag as a parcel carries it."""
    return flag.resource_id, flag.metric.value, flag.usual, flag.points, clock.to_ms(flag.last_at)


def _half(batch: TelemetryBatch, half: int) -> TelemetryBatch:
    """One half of each of the batch's lists, under an id of its own."""

    def of(things: tuple[T, ...]) -> tuple[T, ...]:
        middle = len(things) // 2
        return things[middle:] if half else things[:middle]

    parts = {"metrics": of(batch.metrics), "health_checks": of(batch.health_checks), "logs": of(batch.logs)}
    return batch.model_copy(update={"batch_id": f"{batch.batch_id}.{half}", **parts})
