"""Posting what is proven: a meter with what its host has proved since, and the steps that bring it up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sharemtc import clock, money
from sharemtc.billing import billed_until, meters
from sharemtc.billing.billed_until import Stretch
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

# each step skips a gap or posts a stretch; what is left is done by the next call
MAX_STEPS = 80


class Metered(NamedTuple):
    """A meter with what its host has proved and is not posted yet."""

    meter: Meter
    capacity: Capacity
    lease: Lease
    gaps: list[Gap]

    @property
    def unposted(self) -> list[Stretch]:
        """The proven stretches that are not posted yet."""
        return billed_until.unposted(self.meter, self.lease, self.gaps)

    @property
    def billed_until(self) -> datetime:
        """The last proven instant."""
        return billed_until.billed_until(self.meter, self.unposted)

    @property
    def proven_until(self) -> datetime | None:
        """The same, of what is billed at all."""
        return None if self.meter.kind is SegmentKind.RESERVED else self.billed_until

    @property
    def cost_micros(self) -> int:
        """What the allocation has cost, posted or proven."""
        return meters.cost_micros(self.meter, self.unposted)

    @property
    def billed_ms(self) -> int:
        """Milliseconds of paid time, posted or proven."""
        return meters.billed_ms(self.meter, self.unposted)

    @property
    def burn_nanos_per_hour(self) -> int:
        """What it costs an hour at this moment: nothing while no heartbeat proves it."""
        live = billed_until.burns(self.meter, self.unposted, clock.now())
        return self.meter.present_rate_nanos_per_hour if live else 0

    @property
    def is_heard(self) -> bool:
        """Whether its host's heartbeats arrive."""
        return billed_until.is_heard(self.lease, clock.now())

    @property
    def silent_since(self) -> datetime:
        """When its host was last heard, or this began on one that never was."""
        return self.lease.last_seen_at or self.meter.segment_started_at

    @property
    def host_state(self) -> HostState:
        """Its host's state at this moment; silence is told whatever else was decided of the host."""
        last_seen_at, now = self.lease.last_seen_at, clock.now()
        judged = judge(self.capacity.state, last_seen_at, now, settings())
        if judged in CLOSED or self.is_heard:
            return judged
        return judge(HostState.READY, last_seen_at, now, settings())

    @property
    def has_gap(self) -> bool:
        """Whether a stretch that nothing proves lies before one that is proven: the meter must skip it first."""
        return len(self.unposted) > 1 or any(one.started_at > self.meter.posted_until for one in self.unposted)


def find(allocation_id: str) -> Metered:
    """The allocation's meter and what is proved of it at this moment. Errors: `NotFound`, `UnreadableRecord`."""
    meter = meters.find(allocation_id)
    capacity, lease = leases.read_state(meter.host_id, at_most_every_ms=0)
    return _metered(meter, capacity, lease)


def _metered(meter: Meter, capacity: Capacity, lease: Lease) -> Metered:
    # nothing else is billed by gaps
    running = meter.kind is SegmentKind.RUNNING
    gaps = leases.gaps_after(meter.host_id, lease, meter.posted_until) if running else []
    return Metered(meter, capacity, lease, gaps)


def find_many(allocation_ids: Sequence[str]) -> dict[str, Metered]:
    """The same for several, by allocation, read a hundred at a time.

    Every one has a meter, and its host is known, so what is not there was damaged: none is left out of a balance.
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
    """As `find`, once every gap that nothing proves is behind the meter, so that its segment may end at any instant."""
    for _ in range(MAX_STEPS):
        found = find(allocation_id)
        if not found.has_gap:
            return found
        retry_on_conflict(lambda: _step(allocation_id))
    raise Busy


def accrue(allocation_id: str) -> int:
    """Post what is proved of the allocation, and end its segment if that was asked for; the posted micro-USD."""
    posted_micros = 0
    for _ in range(MAX_STEPS):
        settlement = retry_on_conflict(lambda: _step(allocation_id))
        if settlement is None:
            return posted_micros
        posted_micros += settlement.paid_micros
    return posted_micros


def _step(allocation_id: str) -> Settlement | None:
    """Post one stretch; None when there is nothing left to do."""
    found, transaction = find(allocation_id), Transaction()
    meter, stretches = found.meter, found.unposted
    if found.has_gap:
        before = stretches[0] if stretches[0].started_at <= meter.posted_until else None
        ended_at = before.ended_at if before is not None else meter.posted_until
        resumed_at = stretches[1 if before is not None else 0].started_at
        settlement = meters.skip_gap(transaction, meter, ended_at=ended_at, resumed_at=resumed_at)
        events.append(
            transaction, meter.user_id, EventType.of_workload(meter.resource_id, WorkloadEvent.NOT_BILLED),
            meter.resource_id, reason=EventReason.SILENCE, actor=meter.host_id, at=clock.now(),
            data=unbilled(meter.rate_nanos_per_hour, ended_at, resumed_at),
        )  # fmt: skip
    elif meter.ends_at is not None and _is_final(found):
        settlement = meters.finish(transaction, meter, found.billed_until, evidence="heartbeat")
    elif stretches:
        accrued = meters.accrue(transaction, meter, found.billed_until)
        if accrued is None:
            return None
        settlement = accrued
    else:
        return None
    transaction.commit()
    return settlement


def _is_final(found: Metered) -> bool:
    """Whether no heartbeat will prove more of the segment that is to end: one came after the request, or none comes."""
    meter, seen_at = found.meter, found.lease.last_seen_at
    assert meter.ends_at is not None
    told = seen_at is not None and seen_at >= meter.ends_at
    return told or not found.is_heard


def unbilled(rate_nanos_per_hour: int, started_at: datetime, ended_at: datetime) -> UnbilledTime:
    """What its renter was not charged for a stretch that nothing proves."""
    micros = money.cumulative_micros(rate_nanos_per_hour, clock.elapsed_ms(started_at, ended_at))
    return UnbilledTime(started_at=started_at, ended_at=ended_at, amount_micros=micros)
