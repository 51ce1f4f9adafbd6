"""Bringing tables and hosts together again, from what the hosts report and from what is left unsettled.

Truth is in the tables; executions and messages may be lost at any time. Every rule here may run twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sharemtc import clock, money
from sharemtc.allocations import service as allocations
from sharemtc.allocations.states import AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.meters import Following
from sharemtc.events.data import FundsLow
from sharemtc.events.kinds import EventReason, WorkloadEvent
from sharemtc.hosts.liveness import leases
from sharemtc.independent import independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.wire import PaidWorkload, Verb, WorkloadState
from sharemtc.wire import Workload as Report
from sharemtc.workloads import executions, kinds, table
from sharemtc.workloads.lifecycle import lose, record_event
from sharemtc.workloads.operations import begin, request
from sharemtc.workloads.states import ENDED, Desired, Observed
from sharemtc.workloads.table import SHARDS, Workload, save, settle

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation
    from sharemtc.billing.table import Meter
    from sharemtc.hosts.table import Lease

# Between the order's commit and the start of its execution lies a moment in which there is none.
GRACE = timedelta(seconds=3)
# A host may report a thousand workloads that are not on this platform; looking at them must not hold up other hosts.
MAX_UNCLAIMED_READ = 200
# How long after a workload's end an order under way could still bring it to its host.
LATE_ORDERS = kinds.LONGEST + timedelta(seconds=30)


@dataclass(frozen=True)
class Unclaimed:
    """What a host reports and nobody pays for: known to have ended or to be elsewhere, or not known at all."""

    ended: tuple[str, ...]
    unknown: tuple[str, ...]


def unclaimed(host_id: str, reports: tuple[Report, ...], live: list[Allocation]) -> Unclaimed:
    """The workloads that a host reports and nobody pays for. Judged by consistent reads: an index may lag.

    Only so many are looked at in one heartbeat, from a random one on, so that none waits for ever. One whose record
    cannot be read is neither: nothing is destroyed on a guess.
    """
    known = {allocation.workload_id for allocation in live if not allocation.awaits_proof}
    asked = list(dict.fromkeys(report.id for report in reports if report.id not in known))
    if len(asked) > MAX_UNCLAIMED_READ:
        first = clock.choose_index(len(asked))
        asked = (asked[first:] + asked[:first])[:MAX_UNCLAIMED_READ]
    if not asked:
        return Unclaimed((), ())
    unreadable: set[str] = set()
    found = table.find_many(asked, unreadable=unreadable)
    ended, unknown = [], []
    for workload_id in asked:
        workload = found.get(workload_id)
        if workload is not None and (workload.host_id != host_id or workload.observed in ENDED):
            ended.append(workload_id)
        elif workload is None and workload_id not in unreadable:
            unknown.append(workload_id)
    return Unclaimed(tuple(ended), tuple(unknown))


def paid_until(live: list[Allocation]) -> tuple[PaidWorkload, ...]:
    """Until when each allocation's workload may run without word from here."""
    found = []
    running = [allocation for allocation in live if allocation.state is AllocationState.ACTIVE]
    known = meters.find_many([allocation.id for allocation in running])
    for allocation in running:
        meter = known.get(allocation.id)
        if meter is None or meter.closed or meter.rate_nanos_per_hour == 0:
            continue
        until = meters.paid_until(meter, 0)
        if until is not None:
            found.append(PaidWorkload(id=allocation.workload_id, paid_until=until))
    return tuple(found)


def reconcile_host(host_id: str) -> int:
    """Compare what the host reports with what its allocations say; the number of things that were mended."""
    _, lease = leases.read_state(host_id)
    if lease.last_seen_at is None:
        return 0
    reported = {report.id: report for report in lease.workloads}
    mended = 0
    with independent() as each:
        with each.one(f"what is left on {host_id}"):
            present = frozenset(reported)
            mended += allocations.end_leftovers(host_id, present, lease.last_seen_at, margin=LATE_ORDERS)
        for allocation in allocations.live_on(host_id):
            with each.one(allocation.workload_id):
                workload = table.find(allocation.workload_id)
                if workload is not None and workload.allocation_id == allocation.id:
                    mended += _reconcile_workload(workload.id, reported.get(workload.id), lease)
    return mended


def _reconcile_workload(workload_id: str, seen: Report | None, lease: Lease) -> bool:
    """Mend one workload that is said to run or to be stopped, and is not there or does not run."""

    def decide() -> bool:
        workload = table.get(workload_id)
        if not _rests(workload) or not _newer(lease, workload):
            return False
        if seen is None:
            detail = "It is no longer on its host."
            lose(workload, reason=EventReason.MISSING_ON_HOST, actor="reconciler", detail=detail)
            return True
        crashed = workload.observed is Observed.RUNNING and seen.state is WorkloadState.STOPPED
        if crashed and seen.generation == workload.generation:
            _restart(workload)
            executions.start(workload)
            return True
        return False

    return retry_on_conflict(decide)


def _rests(workload: Workload) -> bool:
    """Whether it runs or is stopped, and nothing else was asked of it."""
    return workload.operation is None and workload.observed in (Observed.RUNNING, Observed.STOPPED)


def _newer(lease: Lease, workload: Workload) -> bool:
    """Whether the host's list was made after the workload came to be in its state."""
    seen_at, settled_at = lease.last_seen_at, workload.settled_at
    return seen_at is not None and settled_at is not None and seen_at > settled_at


def _restart(workload: Workload) -> None:
    """Its process died and its disk is there: start it again; the time between is not billed as running."""
    found, now = accruals.caught_up(workload.allocation_id), clock.now()
    transaction = Transaction()
    following = Following(SegmentKind.STOPPED, workload.stopped_rate_nanos_per_hour, found.billed_until)
    meters.change_rate(
        transaction,
        found.meter,
        following,
        ended_at=found.billed_until,
        hold_rate_nanos_per_hour=workload.running_rate_nanos_per_hour,
        evidence="stopped_by_itself",
    )
    allocations.move(transaction, allocations.find(workload.allocation_id), AllocationState.PROVISIONING)
    workload.observed = Observed.STOPPED
    begin(workload, Verb.START, now)
    save(transaction, workload)
    record_event(
        transaction, workload, WorkloadEvent.CRASHED, reason=EventReason.STOPPED_BY_ITSELF, actor="reconciler", at=now
    )
    transaction.commit()


def shards() -> list[str]:
    """The partitions of what is left unsettled: `drive_unsettled` takes one at a time."""
    return [str(shard) for shard in range(SHARDS)]


def drive_unsettled(shard: str) -> int:
    """Start an execution for every order of this shard that has none; how many."""
    driven = 0
    with independent() as each:
        for found in skip_unreadable(Workload.unsettled.query(shard)):
            with each.one(found.id):
                driven += _drive_abandoned(found.id)
    return driven


def _drive_abandoned(workload_id: str) -> bool:
    workload = table.get(workload_id)
    if workload.operation is None or not _abandoned(workload):
        return False
    if workload.desired is Desired.GONE and _gone_from_host(workload):
        return _end_by_inventory(workload.id)
    return retry_on_conflict(lambda: _drive(workload))


def _abandoned(workload: Workload) -> bool:
    young = workload.driven_at is not None and clock.now() - workload.driven_at < GRACE
    return not young and not executions.is_running(workload)


def _drive(workload: Workload) -> bool:
    workload.refresh(consistent_read=True)
    if workload.operation is None:
        return False
    workload.drive += 1
    workload.driven_at = clock.now()
    transaction = Transaction()
    save(transaction, workload)
    transaction.commit()
    executions.start(workload)
    return True


def _gone_from_host(workload: Workload) -> bool:
    """Whether the host, heard after every order that could still make the workload, does not list it."""
    _, lease = leases.read_state(workload.host_id)
    listed = any(report.id == workload.id for report in lease.workloads)
    if listed or lease.last_seen_at is None or workload.driven_at is None:
        return False
    return lease.last_seen_at > workload.driven_at + LATE_ORDERS


def _end_by_inventory(workload_id: str) -> bool:
    def decide() -> bool:
        workload = table.get(workload_id)
        if workload.operation is not Verb.TERMINATE:
            return False
        now = clock.now()
        transaction = Transaction()
        allocations.end(transaction, allocations.find(workload.allocation_id), AllocationState.TERMINATED, now)
        workload.observed, workload.ended_at = Observed.TERMINATED, now
        settle(workload, now)
        save(transaction, workload)
        record_event(
            transaction, workload, WorkloadEvent.TERMINATED, reason=EventReason.NOT_ON_HOST, actor="reconciler", at=now
        )
        transaction.commit()
        return True

    return retry_on_conflict(decide)


def close_left_open(allocation_id: str) -> bool:
    """Close the meter of a workload that has ended, should one be open: nothing that ended is billed on."""

    def decide() -> bool:
        meter = meters.find(allocation_id)
        if meter.closed:
            return False
        workload = table.find(meter.resource_id)
        if workload is not None and (workload.observed not in ENDED or workload.allocation_id != allocation_id):
            return False
        ended_at = workload.ended_at if workload is not None else None
        transaction = Transaction()
        until = min(ended_at or meter.posted_until, accruals.caught_up(allocation_id).billed_until)
        meters.close(transaction, meter, until, evidence="workload_ended")
        transaction.commit()
        risks.report(
            RiskKind.METER_LEFT_OPEN, meter.resource_id, severity=Severity.CRITICAL, owner_id=meter.provider_id,
            detail=f"The meter of {allocation_id} was open after {meter.resource_id} had ended. It is closed now.",
        )  # fmt: skip
        return True

    return retry_on_conflict(decide)


def stop_unpaid(allocation_id: str) -> bool:
    """Order the end of what the renter's money no longer covers; whether one was ordered.

    What runs is stopped, which keeps its disk. What is stopped is ended when what is held for its disk is used up: its
    renter was told when the wallet no longer filled that up, a day before.
    """
    meter = meters.find(allocation_id)
    if meter.closed or meter.kind is SegmentKind.RESERVED or meter.rate_nanos_per_hour == 0:
        return False
    used_up = meter.held_micros <= _reserve(meter.rate_nanos_per_hour)
    if meter.kind is SegmentKind.STOPPED and not used_up:
        _warn(meter)
    if not used_up:
        return False
    workload = table.find(meter.resource_id)
    if workload is None or not _rests(workload):
        return False
    verb = Verb.STOP if workload.observed is Observed.RUNNING else Verb.TERMINATE
    request(kinds.of(workload), workload, verb, by="billing")
    return True


def _warn(meter: Meter) -> None:
    """Tell the renter of a stopped workload, once, when the money that keeps its disk ends within a day."""
    ends_at = meters.paid_until(meter, meters.find_wallet(meter.user_id).available_micros)
    now = clock.now()
    if ends_at is None or ends_at - now > meters.DISK_HELD:
        return
    workload = table.find(meter.resource_id)
    if workload is None or workload.operation is not None:
        return
    if workload.warned_at is not None and now - workload.warned_at < meters.DISK_HELD:
        return
    workload.warned_at = now
    transaction = Transaction()
    save(transaction, workload)
    record_event(
        transaction, workload, WorkloadEvent.FUNDS_LOW, reason=EventReason.FUNDS_LOW, actor="billing", at=now,
        data=FundsLow(ends_at=ends_at),
    )  # fmt: skip
    with suppress(WriteConflict):  # the next accrual tells it
        transaction.commit()


def _reserve(rate_nanos_per_hour: int) -> int:
    """What is kept so that a workload is stopped before its money ends: two minutes of its rate."""
    return money.hold_micros(rate_nanos_per_hour, 120)
