"""Gaps between heartbeats, and which workloads are proved to have run through one. Pure rules.

A gap is a stretch longer than `host_suspect_after_s` without a heartbeat. What a host lists after a gap was not
necessarily there during it: a workload counts as having run through only if it is the same boot as before and its
uptime grew by the gap. Uptime is compared as the instant at which it began: that instant stays where it is while the
workload runs, and moves on by as long as it, or its whole machine, stood still. It is taken by the host's own clock, at
which the heartbeat was signed, so it does not matter how long a heartbeat was under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sharemtc.wire import Workload, WorkloadState

# tokens say whole seconds, and an uptime is read a moment before its heartbeat is signed
TOLERANCE_MS = 3_000
# a beginning that moved by less is the same: tokens say whole seconds, clocks drift, and so little is not written anew
DRIFT_MS = 1_500


def beginnings_ms(workloads: Iterable[Workload], signed_ms: int) -> dict[str, int]:
    """When the uptime of each workload that runs began, by the host's clock; without an uptime it proves nothing."""
    return {
        workload.id: signed_ms - workload.uptime_ms
        for workload in workloads
        if workload.state is not WorkloadState.STOPPED and workload.uptime_ms is not None
    }


def have_moved(known: Mapping[str, int], now: Mapping[str, int]) -> bool:
    """Whether what is known of beginnings must be written anew."""
    return known.keys() != now.keys() or any(abs(now[id] - known[id]) > DRIFT_MS for id in now)


def ran_through(
    before: Iterable[Workload], known_ms: Mapping[str, int], after: Iterable[Workload], now_ms: Mapping[str, int]
) -> tuple[str, ...]:
    """The workloads of `before` and `after` a gap that are proved to have run through it."""
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
