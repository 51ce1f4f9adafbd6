"""Reconciles tables with hosts' reports, and drives unsettled operations.

Tables hold the truth; executions and messages may be lost at any time. Every rule here may run twice.
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
from sharemtc.billing.meters import NextSegment
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
from sharemtc.workloads.lifecycle import mark_lost, record_event
from sharemtc.workloads.operations import begin, request
from sharemtc.workloads.states import ENDED, Desired, Observed
from sharemtc.workloads.table import SHARDS, Workload, save, settle

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation
    from sharemtc.billing.table import Meter
    from sharemtc.hosts.table import Lease

# How long an operation may be stored before its execution is started.
START_GRACE = timedelta(seconds=3)
# A host may report a thousand unknown workloads; checking them must not delay other hosts.
MAX_UNCLAIMED_READ = 200
# How long after a workload's end a command in progress could still create it on its host.
MAX_COMMAND_AGE = kinds.MAX_TIME_LIMIT + timedelta(seconds=30)


@dataclass(frozen=True)
class Unclaimed:
    """Reported workloads that are not billed: `ended` ones (or on another host), and ones without a record."""

    ended: tuple[str, ...]
    unknown: tuple[str, ...]


def unclaimed(host_id: str, reports: tuple[Report, ...], live: list[Allocation]) -> Unclaimed:
    """The reported workloads that are not billed. Uses consistent reads: an index may lag.

    At most `MAX_UNCLAIMED_READ` are checked for one heartbeat, from a random one on, so that none is starved. A
    workload whose record is unreadable is in neither list: nothing is destroyed on a guess.
    """
    known = {allocation.workload_id for allocation in live if not allocation.awaits_proof}
    candidates = list(dict.fromkeys(report.id for report in reports if report.id not in known))
    if len(candidates) > MAX_UNCLAIMED_READ:
        first = clock.choose_index(len(candidates))
        candidates = (candidates[first:] + candidates[:first])[:MAX_UNCLAIMED_READ]
    if not candidates:
        return Unclaimed((), ())
    unreadable: set[str] = set()
    found = table.find_many(candidates, unreadable=unreadable)
    ended, unknown = [], []
    for workload_id in candidates:
        workload = found.get(workload_id)
        if workload is not None and (workload.host_id != host_id or workload.observed in ENDED):
            ended.append(workload_id)
        elif workload is None and workload_id not in unreadable:
            unknown.append(workload_id)
    return Unclaimed(tuple(ended), tuple(unknown))


def paid_until(live: list[Allocation]) -> tuple[PaidWorkload, ...]:
    """Until when each running workload may continue without contact to the control plane."""
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
    """Compare the host's report with its allocations; the number of repairs."""
    _, lease = leases.read_state(host_id)
    if lease.last_seen_at is None:
        return 0
    reported = {report.id: report for report in lease.workloads}
    repaired = 0
    with independent() as each:
        with each.one(f"leftovers on {host_id}"):
            present = frozenset(reported)
            repaired += allocations.end_leftovers(host_id, present, lease.last_seen_at, margin=MAX_COMMAND_AGE)
        for allocation in allocations.live_on(host_id):
            with each.one(allocation.workload_id):
                workload = table.find(allocation.workload_id)
                if workload is not None and workload.allocation_id == allocation.id:
                    repaired += _reconcile_workload(workload.id, reported.get(workload.id), lease)
    return repaired


def _reconcile_workload(workload_id: str, seen: Report | None, lease: Lease) -> bool:
    """Repair a settled workload that is missing from its host or does not run there."""

    def decide() -> bool:
        workload = table.get(workload_id)
        if not _is_settled(workload) or not _is_newer(lease, workload):
            return False
        if seen is None:
            detail = "The workload is no longer on its host."
            mark_lost(workload, reason=EventReason.MISSING_ON_HOST, actor="reconciler", detail=detail)
            return True
        crashed = workload.observed is Observed.RUNNING and seen.state is WorkloadState.STOPPED
        if crashed and seen.generation == workload.generation:
            _restart(workload)
            executions.start(workload)
            return True
        return False

    return retry_on_conflict(decide)


def _is_settled(workload: Workload) -> bool:
    """Whether it is running or stopped, without an operation in progress."""
    return workload.operation is None and workload.observed in (Observed.RUNNING, Observed.STOPPED)


def _is_newer(lease: Lease, workload: Workload) -> bool:
    """Whether the host's list is newer than the workload's state."""
    seen_at, settled_at = lease.last_seen_at, workload.settled_at
    return seen_at is not None and settled_at is not None and seen_at > settled_at


def _restart(workload: Workload) -> None:
    """Restart a workload whose process died; the time in between is not billed as running."""
    found, now = accruals.caught_up(workload.allocation_id), clock.now()
    transaction = Transaction()
    next_segment = NextSegment(SegmentKind.STOPPED, workload.stopped_rate_nanos_per_hour, found.billed_until)
    meters.change_rate(
        transaction,
        found.meter,
        next_segment,
        ended_at=found.billed_until,
        hold_rate_nanos_per_hour=workload.running_rate_nanos_per_hour,
        evidence="stopped_by_itself",
    )
    allocations.change_state(transaction, allocations.find(workload.allocation_id), AllocationState.PROVISIONING)
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
    """Start an execution for each operation of this shard that has none; the number started."""
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
    young = workload.driven_at is not None and clock.now() - workload.driven_at < START_GRACE
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
    """Whether the host no longer lists the workload, after every command that could still create it."""
    _, lease = leases.read_state(workload.host_id)
    listed = any(report.id == workload.id for report in lease.workloads)
    if listed or lease.last_seen_at is None or workload.driven_at is None:
        return False
    return lease.last_seen_at > workload.driven_at + MAX_COMMAND_AGE


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
    """Close the meter of an ended workload if it is open, so that nothing is billed after the end."""

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
            detail=f"The meter of {allocation_id} was open although {meter.resource_id} has ended. It is closed now.",
        )  # fmt: skip
        return True

    return retry_on_conflict(decide)


def stop_unpaid(allocation_id: str) -> bool:
    """Request the end of a workload that the renter's money no longer covers; whether one was requested.

    A running workload is stopped, which keeps its disk. A stopped one is terminated when the hold for its disk is used
    up: its renter is warned a day before, when the wallet no longer refills that hold.
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
    if workload is None or not _is_settled(workload):
        return False
    verb = Verb.STOP if workload.observed is Observed.RUNNING else Verb.TERMINATE
    request(kinds.of(workload), workload, verb, by="billing")
    return True


def _warn(meter: Meter) -> None:
    """Notify the renter of a stopped workload, once, when the money for its disk ends within a day."""
    ends_at = meters.paid_until(meter, meters.find_wallet(meter.user_id).available_micros)
    now = clock.now()
    if ends_at is None or ends_at - now > meters.MIN_STOPPED_HOLD:
        return
    workload = table.find(meter.resource_id)
    if workload is None or workload.operation is not None:
        return
    if workload.warned_at is not None and now - workload.warned_at < meters.MIN_STOPPED_HOLD:
        return
    workload.warned_at = now
    transaction = Transaction()
    save(transaction, workload)
    record_event(
        transaction, workload, WorkloadEvent.FUNDS_LOW, reason=EventReason.FUNDS_LOW, actor="billing", at=now,
        data=FundsLow(ends_at=ends_at),
    )  # fmt: skip
    with suppress(WriteConflict):  # the next accrual tries again
        transaction.commit()


def _reserve(rate_nanos_per_hour: int) -> int:
    """The hold at which a workload is stopped, before its money ends: two minutes of its rate."""
    return money.hold_micros(rate_nanos_per_hour, 120)
