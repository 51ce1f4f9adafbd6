"""Stores telemetry from the queue. Messages may be repeated, late and in any order: the result is the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sharemtc import clock
from sharemtc.telemetry import health
from sharemtc.telemetry.kinds import FIVE_MINUTES_KEPT, HOUR_KEPT, HOUR_MS, LOGS_KEPT, RAW_KEPT, RAW_SPARE, SLOT_MS
from sharemtc.telemetry.plausibility import Flag
from sharemtc.telemetry.queue_messages import BatchPart, flag_row
from sharemtc.telemetry.rollups import Figures, Points, combine, merge, slots, summarize
from sharemtc.telemetry.table import (
    Chunk,
    Line,
    LogChunk,
    Rollup,
    TelemetryRecord,
    five_minutes_partition,
    hour_partition,
    log_partition,
    ms_key,
    raw_partition,
    second_key,
)

_LOGS_MS = 4 * HOUR_MS


def store(part: BatchPart) -> None:
    for key, points in part.points.items():
        keep_points(key, part.batch_id, points)
    health.record(part.host_id, part.owner_id, [*part.checks, *_flag_report(part.host_id, part.flags)])
    _keep_logs(part)


def keep_flags(host_id: str, owner_id: str, flags: Sequence[Flag]) -> None:
    """Record figures above the expected maximum as a health check of the host."""
    health.record(host_id, owner_id, _flag_report(host_id, [flag_row(flag) for flag in flags]))


def _flag_report(host_id: str, flags: Sequence[tuple[str, str, float, int, int]]) -> list[health.Report]:
    """One check of the host. Its text has limits but no values, so that it only changes with the flagged metrics."""
    if not flags:
        return []
    excesses = sorted(f"{metric} of {resource_id} is above {limit:g}" for resource_id, metric, limit, _, _ in flags)
    details = f"Above the reported inventory: {'; '.join(excesses)}."[:500]
    return [(host_id, health.PLAUSIBILITY, "warning", details, max(flag[4] for flag in flags))]


def keep_points(key: str, batch_id: str, points: Points) -> None:
    """Store one resource's points of one batch, then compute their roll-ups again."""
    touched = slots(points)
    for slot_ms, of_slot in touched.items():
        _create(
            Chunk(
                raw_partition(key, clock.from_ms(slot_ms)),
                f"{second_key(slot_ms)}#{batch_id}",
                points=of_slot,
                expires_at=clock.from_ms(slot_ms + SLOT_MS) + RAW_KEPT + RAW_SPARE,
            )
        )
    for slot_ms in touched:
        _roll_up_slot(key, slot_ms)
    for hour_ms in {slot_ms // HOUR_MS * HOUR_MS for slot_ms in touched}:
        _roll_up_hour(key, hour_ms)


def _roll_up_slot(key: str, slot_ms: int) -> None:
    at, prefix = clock.from_ms(slot_ms), f"{second_key(slot_ms)}#"
    chunks = [(chunk.batch_id, chunk.points) for chunk in Chunk.under(raw_partition(key, at), prefix)]
    counted = sum(len(series) for _, points in chunks for series in points.values())
    put_rollup(five_minutes_partition(key, at), slot_ms, summarize(merge(chunks)), counted, at + FIVE_MINUTES_KEPT)


def _roll_up_hour(key: str, hour_ms: int) -> None:
    at = clock.from_ms(hour_ms)
    within = Rollup.sk.between(second_key(hour_ms), second_key(hour_ms + HOUR_MS - SLOT_MS))
    parts = list(Rollup.query(five_minutes_partition(key, at), within, consistent_read=True))
    figures, counted = combine(part.figures for part in parts), sum(part.counted for part in parts)
    put_rollup(hour_partition(key, at), hour_ms, figures, counted, at + HOUR_KEPT)


def put_rollup(partition: str, begin_ms: int, figures: Figures, counted: int, expires_at: datetime) -> None:
    """Write a roll-up of `counted` points, unless the stored one has as many or more."""
    # points are only ever added, so the roll-up with the higher count includes the other
    older = Rollup.counted.does_not_exist() | (Rollup.counted < counted)
    Rollup(partition, second_key(begin_ms), figures=figures, counted=counted, expires_at=expires_at).save_if(older)


def _keep_logs(part: BatchPart) -> None:
    by_partition: dict[int, list[Line]] = {}
    for line in part.logs:
        by_partition.setdefault(line[0] // _LOGS_MS, []).append(Line(*line))  # type: ignore[arg-type]
    for lines in by_partition.values():
        lines.sort(key=lambda line: line.at_ms)
        at = clock.from_ms(lines[0].at_ms)
        _create(
            LogChunk(
                log_partition(part.host_id, at),
                f"{ms_key(lines[0].at_ms)}#{part.batch_id}",
                lines=lines,
                expires_at=at + LOGS_KEPT,
            )
        )


def _create(record: TelemetryRecord) -> None:
    record.save_if(type(record).pk.does_not_exist())
