"""Accepts a batch: checks it against the host and queues it. `writes` stores it from the queue."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta

from sharemtc import clock, queues
from sharemtc.hosts import service as hosts
from sharemtc.ids import kind_of
from sharemtc.observability import logger
from sharemtc.queues import Queue
from sharemtc.settings import settings
from sharemtc.telemetry import plausibility, queue_messages
from sharemtc.telemetry.versions import unknown_in
from sharemtc.wire import TelemetryAnswer, TelemetryBatch
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads import access as workloads

# workloads rarely move to another host, so lookups are cached for a while
REMEMBERED_FOR = timedelta(minutes=5)
REMEMBERED_WORKLOADS = 8192

_residents: OrderedDict[tuple[str, str], int] = OrderedDict()


def accept(host_id: str, batch: TelemetryBatch) -> TelemetryAnswer:
    """Queue a host's batch, all that is known here or nothing.

    Errors: `HostClosed`; `Invalid` naming each impossible value.
    """
    host = hosts.find_open(host_id)
    machine = plausibility.Machine(host_id, host.inventory, _resident(host_id, batch))
    flags = plausibility.check(batch, machine, clock.now())
    for message in queue_messages.messages(host_id, host.owner_id, batch, flags):
        queues.send(Queue.TELEMETRY, message)
    if batch.dropped_points:
        logger().warning("points_dropped", extra={"host_id": host_id, "points": batch.dropped_points})
    unknown_points, unknown = unknown_in(batch)
    return TelemetryAnswer(
        accepted_points=len(batch.metrics),
        flagged_points=sum(flag.points for flag in flags),
        flagged=tuple(sorted({flag.metric.value for flag in flags})),
        unknown_points=unknown_points,
        unknown=unknown,
        telemetry_interval_s=settings().telemetry_interval_s,
    )


def _resident(host_id: str, batch: TelemetryBatch) -> set[str]:
    """The batch's workloads whose current or last host this is."""
    named = {point.resource_id for point in batch.metrics} | {report.resource_id for report in batch.health_checks}
    workload_ids = {name for name in named if isinstance(kind_of(name), WorkloadKind)}
    now_ms = clock.to_ms(clock.now())
    known = {id for id in workload_ids if now_ms < _residents.get((host_id, id), 0)}
    unknown = sorted(workload_ids - known)
    if unknown:
        until_ms = now_ms + REMEMBERED_FOR // timedelta(milliseconds=1)
        for id in workloads.resident(host_id, unknown):
            known.add(id)
            _residents[host_id, id] = until_ms
        while len(_residents) > REMEMBERED_WORKLOADS:
            _residents.popitem(last=False)
    return known


def forget() -> None:
    """Drop the cache. For tests."""
    _residents.clear()
