"""Until when an allocation is billed: one rule for accrual, settlement, views, balance, burn and runway.

A running workload is billed up to the last heartbeat of its host that listed it as running. A gap between heartbeats is
billed only if the workload is proven to have run through it (`hosts.liveness.continuity`). A stopped workload is billed
up to the last heartbeat that listed it at all: a disk that exists after a gap existed during it. Nothing is billed past
the renter's own request to stop or end the workload (`Meter.ends_at`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.table import Meter
from sharemtc.hosts.states import Presence, presence
from sharemtc.hosts.values import Gap
from sharemtc.settings import settings
from sharemtc.wire import WorkloadState

if TYPE_CHECKING:
    from sharemtc.hosts.table import Lease


class ProvenInterval(NamedTuple):
    """An interval of proven use that is not posted yet."""

    started_at: datetime
    ended_at: datetime


def unposted(meter: Meter, lease: Lease, gaps: Sequence[Gap]) -> list[ProvenInterval]:
    """The proven intervals after `meter.posted_until`, in order, separated by gaps that are not billed.

    `gaps` are those of its host that ended since then, by when they started.
    """
    if meter.closed or meter.kind is SegmentKind.RESERVED:
        return []
    end, start = _last_proof(meter, lease), meter.posted_until
    if end is None:
        return []
    if meter.ends_at is not None:
        end = min(end, meter.ends_at)
    found = []
    for gap in () if meter.kind is SegmentKind.STOPPED else gaps:
        if gap.ended_at <= start or not gap.affects(meter.resource_id, meter.segment_started_at):
            continue
        if gap.started_at >= end:
            break
        if gap.started_at > start:
            found.append(ProvenInterval(start, gap.started_at))
        start = max(start, gap.ended_at)
    if end > start:
        found.append(ProvenInterval(start, end))
    return found


def _last_proof(meter: Meter, lease: Lease) -> datetime | None:
    """The last heartbeat that proves the open segment; None without one."""
    listed = next((one for one in lease.workloads if one.id == meter.resource_id), None)
    proven: datetime | None
    if meter.kind is SegmentKind.STOPPED:
        proven = lease.last_seen_at if listed is not None else lease.last_listed.get(meter.resource_id)
    elif listed is not None and listed.state is not WorkloadState.STOPPED:
        proven = lease.last_seen_at
    else:
        proven = lease.last_running.get(meter.resource_id)
    return proven


def billed_until(meter: Meter, intervals: Sequence[ProvenInterval]) -> datetime:
    """The last proven instant, after which nothing is owed yet."""
    return intervals[-1].ended_at if intervals else meter.posted_until


def is_burning(meter: Meter, intervals: Sequence[ProvenInterval], now: datetime) -> bool:
    """Whether the meter costs money now: its proof, or its segment, is no older than a live host's heartbeat."""
    if meter.closed or meter.kind is SegmentKind.RESERVED:
        return False
    fresh_from = max(billed_until(meter, intervals), meter.segment_started_at)
    return presence(fresh_from, now, settings()) is Presence.LIVE
