"""Messages of the telemetry queue: accepted batches, compact, split into parts that fit a message."""

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
class BatchPart:
    """A batch of one host, or a part of it. `points` are by key; the `batch_id` of a part is unique."""

    host_id: str
    owner_id: str
    batch_id: str
    points: dict[str, Points]
    checks: list[tuple[str, str, str, str, int]]
    logs: list[tuple[int, str, str, str]]
    # resource, metric, expected maximum, number of points above it, time of the last in Unix ms
    flags: list[tuple[str, str, float, int, int]] = field(default_factory=list)

    def encoded(self) -> str:
        """JSON in ASCII: SQS rejects some characters that JSON allows."""
        return json.dumps(vars(self), separators=(",", ":"))

    @staticmethod
    def decoded(text: str) -> BatchPart:
        return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[BatchPart]:
    return TypeAdapter(BatchPart)


def messages(host_id: str, owner_id: str, batch: TelemetryBatch, flags: Sequence[Flag] = ()) -> Iterator[str]:
    """The batch as messages; the same batch is always split in the same way."""
    text = _part_of(host_id, owner_id, batch, flags).encoded()
    if len(text) <= MAX_MESSAGE_CHARS:
        yield text
        return
    for half in (0, 1):
        yield from messages(host_id, owner_id, _half(batch, half), () if half else flags)


def key_of(host_id: str, resource_id: str) -> str:
    return gpu_key(host_id, resource_id) if type_of(resource_id) is ResourceType.GPU else resource_id


def _part_of(host_id: str, owner_id: str, batch: TelemetryBatch, flags: Sequence[Flag]) -> BatchPart:
    points: dict[str, Points] = {}
    known: dict[tuple[str, str], list[tuple[int, float]]] = {}
    # many points share one instant
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
    return BatchPart(
        host_id,
        owner_id,
        batch.batch_id,
        points,
        [(r.resource_id, r.check_type, r.status, r.details, clock.to_ms(r.checked_at)) for r in batch.health_checks],
        [(clock.to_ms(line.at), line.level, line.source, line.message) for line in batch.logs],
        [flag_row(flag) for flag in flags],
    )


def flag_row(flag: Flag) -> tuple[str, str, float, int, int]:
    return flag.resource_id, flag.metric.value, flag.expected_max, flag.points, clock.to_ms(flag.last_at)


def _half(batch: TelemetryBatch, half: int) -> TelemetryBatch:
    """One half of each of the batch's lists, with an id of its own."""

    def of(things: tuple[T, ...]) -> tuple[T, ...]:
        middle = len(things) // 2
        return things[middle:] if half else things[:middle]

    parts = {"metrics": of(batch.metrics), "health_checks": of(batch.health_checks), "logs": of(batch.logs)}
    return batch.model_copy(update={"batch_id": f"{batch.batch_id}.{half}", **parts})
