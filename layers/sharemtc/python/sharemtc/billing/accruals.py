"""Posts proven use: a meter with its host's proof, and the steps that bring it up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sharemtc import clock, money
from sharemtc.billing import billed_until, meters
from sharemtc.billing.billed_until import ProvenInterval
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.metering import Settlement
from sharemtc.billing.table import Meter
from sharemtc.events import service as events
from sharemtc.events.data import UnbilledTime
from sharemtc.events.kinds import EventReason, EventType, WorkloadEvent
from sharemtc.hosts.liveness import leases
from sharemtc.hosts.states import CLOSED, HostState, judge
from sharemtc.hosts.values import Gap
from sharemtc.settings import settings
from sharemtc.storage.failures import Busy
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.storage.unreadable import UnreadableRecord

if TYPE_CHECKING:
    from sharemtc.hosts.table import Capacity, Lease

# each step skips a gap or posts an interval; the next call does the rest
MAX_STEPS = 80


class Metered(NamedTuple):
    """A meter with its host's proof of use."""

    meter: Meter
    capacity: Capacity
    lease: Lease
    gaps: list[Gap]

    @property
    def unposted(self) -> list[ProvenInterval]:
        """The proven intervals that are not posted yet."""
        return billed_until.unposted(self.meter, self.lease, self.gaps)

    @property
    def billed_until(self) -> datetime:
        """The last proven instant."""
        return billed_until.billed_until(self.meter, self.unposted)

    @property
    def proven_until(self) -> datetime | None:
        """The last proven instant; None while nothing is billed."""
        return None if self.meter.kind is SegmentKind.RESERVED else self.billed_until

    @property
    def cost_micros(self) -> int:
        """The allocation's cost, posted or proven."""
        return meters.cost_micros(self.meter, self.unposted)

    @property
    def billed_ms(self) -> int:
        """Milliseconds of paid time, posted or proven."""
        return meters.billed_ms(self.meter, self.unposted)

    @property
    def burn_nanos_per_hour(self) -> int:
        """The present cost per hour; 0 while no heartbeat proves the use."""
        live = billed_until.is_burning(self.meter, self.unposted, clock.now())
        return self.meter.present_rate_nanos_per_hour if live else 0

    @property
    def is_online(self) -> bool:
        return leases.is_online(self.lease, clock.now())

    @property
    def silent_since(self) -> datetime:
        """The host's last heartbeat, or the start of the segment if there was none."""
        return self.lease.last_seen_at or self.meter.segment_started_at

    @property
    def host_state(self) -> HostState:
        """The host's state now; drains and bans do not hide its silence."""
        last_seen_at, now = self.lease.last_seen_at, clock.now()
        judged = judge(self.capacity.state, last_seen_at, now, settings())
        if judged in CLOSED or self.is_online:
            return judged
        return judge(HostState.READY, last_seen_at, now, settings())

    @property
    def has_gap(self) -> bool:
        """Whether a proven interval follows an unproven one, which the meter must skip first."""
        return len(self.unposted) > 1 or any(one.started_at > self.meter.posted_until for one in self.unposted)


def find(allocation_id: str) -> Metered:
    """The allocation's meter and its proof now. Errors: `NotFound`, `UnreadableRecord`."""
    meter = meters.find(allocation_id)
    capacity, lease = leases.read_state(meter.host_id, at_most_every_ms=0)
    return _metered(meter, capacity, lease)


def _metered(meter: Meter, capacity: Capacity, lease: Lease) -> Metered:
    # gaps do not affect other segments
    running = meter.kind is SegmentKind.RUNNING
    gaps = leases.gaps_after(meter.host_id, lease, meter.posted_until) if running else []
    return Metered(meter, capacity, lease, gaps)


def find_many(allocation_ids: Sequence[str]) -> dict[str, Metered]:
    """The same for several, by allocation, read a hundred at a time.

    Every allocation has a meter on a known host, so a missing record is a damaged one: none is left out of a balance.
    Errors: `UnreadableRecord`.
    """
    known = meters.find_many(allocation_ids)
    states = leases.read_states(sorted({meter.host_id for meter in known.values()}))
    found = {}
    for id in allocation_ids:
        if id not in known:
            raise UnreadableRecord(Meter.__name__, id)
        if known[id].host_id not in states:
            raise UnreadableRecord("Capacity", known[id].host_id)
        found[id] = _metered(known[id], *states[known[id].host_id])
    return found


def caught_up(allocation_id: str) -> Metered:
    """As `find`, after skipping every unproven gap, so that the segment may end at any instant."""
    for _ in range(MAX_STEPS):
        found = find(allocation_id)
        if not found.has_gap:
            return found
        retry_on_conflict(lambda: _step(allocation_id))
    raise Busy


def accrue(allocation_id: str) -> int:
    """Post the allocation's proven use, and end its segment if that was requested; the posted micro-USD."""
    posted_micros = 0
    for _ in range(MAX_STEPS):
        settlement = retry_on_conflict(lambda: _step(allocation_id))
        if settlement is None:
            return posted_micros
        posted_micros += settlement.paid_micros
    return posted_micros


def _step(allocation_id: str) -> Settlement | None:
    """Post one interval, or skip one gap; None when nothing is left to do."""
    found, transaction = find(allocation_id), Transaction()
    meter, intervals = found.meter, found.unposted
    if found.has_gap:
        before = intervals[0] if intervals[0].started_at <= meter.posted_until else None
        ended_at = before.ended_at if before is not None else meter.posted_until
        resumed_at = intervals[1 if before is not None else 0].started_at
        settlement = meters.skip_gap(transaction, meter, ended_at=ended_at, resumed_at=resumed_at)
        events.append(
            transaction, meter.user_id, EventType.of_workload(meter.resource_id, WorkloadEvent.NOT_BILLED),
            meter.resource_id, reason=EventReason.SILENCE, actor=meter.host_id, at=clock.now(),
            data=unbilled(meter.rate_nanos_per_hour, ended_at, resumed_at),
        )  # fmt: skip
    elif meter.ends_at is not None and _is_final(found):
        settlement = meters.finish(transaction, meter, found.billed_until, evidence="heartbeat")
    elif intervals:
        accrued = meters.accrue(transaction, meter, found.billed_until)
        if accrued is None:
            return None
        settlement = accrued
    else:
        return None
    transaction.commit()
    return settlement


def _is_final(found: Metered) -> bool:
    """Whether no later heartbeat can prove more of the segment that is to end."""
    meter, seen_at = found.meter, found.lease.last_seen_at
    assert meter.ends_at is not None
    confirmed = seen_at is not None and seen_at >= meter.ends_at
    return confirmed or not found.is_online


def unbilled(rate_nanos_per_hour: int, started_at: datetime, ended_at: datetime) -> UnbilledTime:
    """Event data: what the renter was not charged for an unproven interval."""
    micros = money.cumulative_micros(rate_nanos_per_hour, clock.elapsed_ms(started_at, ended_at))
    return UnbilledTime(started_at=started_at, ended_at=ended_at, amount_micros=micros)
