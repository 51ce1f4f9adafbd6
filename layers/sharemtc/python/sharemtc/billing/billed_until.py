"""Until when an allocation is billed: the one rule for accrual, settlement, views, balance, burn and runway.

What runs is billed up to the last heartbeat of its host that listed it as running. A gap between heartbeats is billed
only if the workload is proved to have run through it (`hosts.continuity`). What is stopped is billed up to the last
heartbeat that listed it at all: a disk that is there after a gap was kept through it. Nothing is owed past the renter's
own request to stop or end what runs (`Meter.ends_at`).
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


class Stretch(NamedTuple):
    """A stretch of proven use that is not posted yet."""

    started_at: datetime
    ended_at: datetime


def unposted(meter: Meter, lease: Lease, gaps: Sequence[Gap]) -> list[Stretch]:
    """The proven stretches after `meter.posted_until`, in order. Between two lies a gap that is not billed.

    `gaps` are those of its host that ended since then, by when they began.
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
        if gap.ended_at <= start or not gap.concerns(meter.resource_id, meter.segment_started_at):
            continue
        if gap.started_at >= end:
            break
        if gap.started_at > start:
            found.append(Stretch(start, gap.started_at))
        start = max(start, gap.ended_at)
    if end > start:
        found.append(Stretch(start, end))
    return found


def _last_proof(meter: Meter, lease: Lease) -> datetime | None:
    """The last heartbeat that proves what the open segment is about; None: none does."""
    listed = next((one for one in lease.workloads if one.id == meter.resource_id), None)
    proven: datetime | None
    if meter.kind is SegmentKind.STOPPED:
        proven = lease.last_seen_at if listed is not None else lease.last_listed.get(meter.resource_id)
    elif listed is not None and listed.state is not WorkloadState.STOPPED:
        proven = lease.last_seen_at
    else:
        proven = lease.last_running.get(meter.resource_id)
    return proven


def billed_until(meter: Meter, stretches: Sequence[Stretch]) -> datetime:
    """The last proven instant: nothing after it is owed as things stand."""
    return stretches[-1].ended_at if stretches else meter.posted_until


def is_heard(lease: Lease, now: datetime) -> bool:
    """Whether the host's last heartbeat is as fresh as a host's that works."""
    return presence(lease.last_seen_at, now, settings()) is Presence.LIVE


def burns(meter: Meter, stretches: Sequence[Stretch], now: datetime) -> bool:
    """Whether money runs at this moment: the proof, or the segment itself, is as fresh as a live host's."""
    if meter.closed or meter.kind is SegmentKind.RESERVED:
        return False
    fresh_from = max(billed_until(meter, stretches), meter.segment_started_at)
    return presence(fresh_from, now, settings()) is Presence.LIVE
