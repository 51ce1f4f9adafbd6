"""Which workloads are proven to have run through a gap between heartbeats. Pure rules.

A gap is an interval longer than `host_suspect_after_s` without a heartbeat. A workload that is listed after a gap
counts as having run through it only if its boot id is the same as before and its uptime grew by the gap. Uptime is
compared as the instant at which it started: that instant stays constant while the workload runs, and moves forward by
as long as the workload, or its whole host, was paused. It is read from the host's own clock, with which the heartbeat
was signed, so a heartbeat's transit time does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sharemtc.wire import Workload, WorkloadState

# token times are whole seconds, and an uptime is read shortly before its heartbeat is signed
TOLERANCE_MS = 3_000
# starts that moved by less are not written again: token times are whole seconds, and clocks drift
DRIFT_MS = 1_500
# workloads no longer listed that are remembered for one host
MAX_LAST_SEEN = 200


def uptime_starts_ms(workloads: Iterable[Workload], signed_ms: int) -> dict[str, int]:
    """When the uptime of each running workload started, by the host's clock; those without uptime are left out."""
    return {
        workload.id: signed_ms - workload.uptime_ms
        for workload in workloads
        if workload.state is not WorkloadState.STOPPED and workload.uptime_ms is not None
    }


def have_changed(known: Mapping[str, int], now: Mapping[str, int]) -> bool:
    """Whether the stored starts must be written again."""
    return known.keys() != now.keys() or any(abs(now[id] - known[id]) > DRIFT_MS for id in now)


def ran_through(
    before: Iterable[Workload], known_ms: Mapping[str, int], after: Iterable[Workload], now_ms: Mapping[str, int]
) -> tuple[str, ...]:
    """The workloads listed both before and after a gap that are proven to have run through it."""
    boots = {workload.id: workload.boot_id for workload in before if workload.state is not WorkloadState.STOPPED}
    return tuple(
        sorted(
            workload.id
            for workload in after
            if workload.boot_id
            and boots.get(workload.id) == workload.boot_id
            and workload.id in known_ms
            and workload.id in now_ms
            and now_ms[workload.id] - known_ms[workload.id] <= TOLERANCE_MS
        )
    )


def ids_of(workloads: tuple[Workload, ...]) -> frozenset[str]:
    return frozenset(workload.id for workload in workloads)


def running_ids(workloads: tuple[Workload, ...]) -> frozenset[str]:
    return ids_of(tuple(workload for workload in workloads if workload.state is not WorkloadState.STOPPED))


def last_seen(
    known: dict[str, datetime], before: frozenset[str], after: frozenset[str], before_at: datetime
) -> dict[str, datetime]:
    """When each workload that is no longer in `after` was last seen.

    `before` held until `before_at`, the previous heartbeat.
    """
    found = {id: at for id, at in {**known, **dict.fromkeys(before, before_at)}.items() if id not in after}
    return dict(sorted(found.items(), key=lambda item: item[1])[-MAX_LAST_SEEN:])
