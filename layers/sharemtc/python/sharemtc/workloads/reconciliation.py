"""Bringing tables and hosts together again, from what the hosts report and from what is left unsettled.

Truth is in the tables; executions and messages may be lost at any time. Every rule here may run twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sharemtc import clock, money
from sharemtc.allocations import service as allocations
from sharemtc.allocations.table import Allocation, AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.meters import Following
from sharemtc.billing.table import Meter
from sharemtc.events.data import FundsLow
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.liveness import leases
from sharemtc.hosts.table import Lease
from sharemtc.independent import independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Moved, Transaction, decide_again
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.wire import PaidWorkload, Verb, Workload, WorkloadState
from sharemtc.workloads import executions
from sharemtc.workloads.lifecycle import lose, record_event
from sharemtc.workloads.operations import begin, request
from sharemtc.workloads.states import ENDED, TIME_LIMITS, Desired, Observed
from sharemtc.workloads.table import Vm, save, settle, vm_key

# Between the order's commit and the start of its execution lies a moment in which there is none.
GRACE = timedelta(seconds=3)
# A host may report a thousand workloads that are not on this platform; looking at them must not hold up other hosts.
MAX_UNCLAIMED_READ = 200
# How long after a workload's end an order under way could still bring it to its host.
LATE_ORDERS = max(TIME_LIMITS.values()) + timedelta(seconds=30)


@dataclass(frozen=True)
class Unclaimed:
    """What a host reports and nobody pays for: known to have ended or to be elsewhere, or not known at all."""

    ended: tuple[str, ...]
    unknown: tuple[str, ...]


def unclaimed(host_id: str, workloads: tuple[Workload, ...], live: list[Allocation]) -> Unclaimed:
    """The workloads that a host reports and nobody pays for. Judged by consistent reads: an index may lag.

    Only so many are looked at in one heartbeat, from a random one on, so that none waits for ever. One whose record
    cannot be read is neither: nothing is destroyed on a guess.
    """
    known = {allocation.workload_id for allocation in live if not allocation.awaits_proof}
    asked = list(dict.fromkeys(workload.id for workload in workloads if workload.id not in known))
    if len(asked) > MAX_UNCLAIMED_READ:
        first = clock.choose_index(len(asked))
        asked = (asked[first:] + asked[:first])[:MAX_UNCLAIMED_READ]
    if not asked:
        return Unclaimed((), ())
    spoiled: set[tuple[str, str]] = set()
    found = batch_find(Vm, [(vm_key(vm_id), "VM") for vm_id in asked], spoiled=spoiled)
    ended, unknown = [], []
    for vm_id in asked:
        vm = found.get((vm_key(vm_id), "VM"))
        if vm is not None and (vm.host_id != host_id or vm.observed in ENDED):
            ended.append(vm_id)
        elif vm is None and (vm_key(vm_id), "VM") not in spoiled:
            unknown.append(vm_id)
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
    reported = {workload.id: workload for workload in lease.workloads}
    mended = 0
    with independent() as each:
        with each.one(f"what is left on {host_id}"):
            present = frozenset(reported)
            mended += allocations.end_leftovers(host_id, present, lease.last_seen_at, margin=LATE_ORDERS)
        for allocation in allocations.live_on(host_id):
            with each.one(allocation.workload_id):
                vm = Vm.find(vm_key(allocation.workload_id), "VM")
                if vm is not None and vm.allocation_id == allocation.id:
                    mended += _reconcile_vm(vm.id, reported.get(vm.id), lease)
    return mended


def _reconcile_vm(vm_id: str, seen: Workload | None, lease: Lease) -> bool:
    """Mend one VM that is said to run or to be stopped, and is not there or does not run."""

    def decide() -> bool:
        vm = Vm.get(vm_key(vm_id), "VM", consistent_read=True)
        if vm.operation is not None or vm.observed not in (Observed.RUNNING, Observed.STOPPED) or not _newer(lease, vm):
            return False
        if seen is None:
            detail = "The machine is no longer on its host."
            lose(vm, reason=EventReason.MISSING_ON_HOST, actor="reconciler", detail=detail)
            return True
        crashed = vm.observed is Observed.RUNNING and seen.state is WorkloadState.STOPPED
        if crashed and seen.generation == vm.generation:
            _restart(vm)
            executions.start(vm)
            return True
        return False

    return decide_again(decide)


def _newer(lease: Lease, vm: Vm) -> bool:
    """Whether the host's list was made after the VM came to be in its state."""
    return lease.last_seen_at is not None and vm.settled_at is not None and lease.last_seen_at > vm.settled_at


def _restart(vm: Vm) -> None:
    """Its process died and its disk is there: start it again; the time between is not billed as running."""
    found, now = accruals.caught_up(vm.allocation_id), clock.now()
    transaction = Transaction()
    following = Following(SegmentKind.STOPPED, vm.stopped_rate_nanos_per_hour, found.billed_until)
    meters.change_rate(
        transaction,
        found.meter,
        following,
        ended_at=found.billed_until,
        hold_rate_nanos_per_hour=vm.running_rate_nanos_per_hour,
        evidence="stopped_by_itself",
    )
    allocations.move(transaction, allocations.find(vm.allocation_id), AllocationState.PROVISIONING)
    vm.observed, vm.ssh_port = Observed.STOPPED, None
    begin(vm, Verb.START, now)
    save(transaction, vm)
    record_event(
        transaction, vm, EventType.VM_CRASHED, reason=EventReason.STOPPED_BY_ITSELF, actor="reconciler", at=now
    )
    transaction.commit()


def drive_unsettled(shard: str) -> int:
    """Start an execution for every order of this shard that has none; how many."""
    driven = 0
    with independent() as each:
        for found in skip_unreadable(Vm.unsettled.query(shard)):
            with each.one(found.id):
                driven += _drive_abandoned(found.id)
    return driven


def _drive_abandoned(vm_id: str) -> bool:
    vm = Vm.get(vm_key(vm_id), "VM", consistent_read=True)
    if vm.operation is None or not _abandoned(vm):
        return False
    if vm.desired is Desired.GONE and _gone_from_host(vm):
        return _end_by_inventory(vm.id)
    return decide_again(lambda: _drive(vm))


def _abandoned(vm: Vm) -> bool:
    young = vm.driven_at is not None and clock.now() - vm.driven_at < GRACE
    return not young and not executions.is_running(vm)


def _drive(vm: Vm) -> bool:
    vm.refresh(consistent_read=True)
    if vm.operation is None:
        return False
    vm.drive += 1
    vm.driven_at = clock.now()
    transaction = Transaction()
    save(transaction, vm)
    transaction.commit()
    executions.start(vm)
    return True


def _gone_from_host(vm: Vm) -> bool:
    """Whether the host, heard after every order that could still make the VM, does not list it."""
    _, lease = leases.read_state(vm.host_id)
    listed = any(workload.id == vm.id for workload in lease.workloads)
    if listed or lease.last_seen_at is None or vm.driven_at is None:
        return False
    return lease.last_seen_at > vm.driven_at + LATE_ORDERS


def _end_by_inventory(vm_id: str) -> bool:
    def decide() -> bool:
        vm = Vm.get(vm_key(vm_id), "VM", consistent_read=True)
        if vm.operation is not Verb.TERMINATE:
            return False
        now = clock.now()
        transaction = Transaction()
        allocations.end(transaction, allocations.find(vm.allocation_id), AllocationState.TERMINATED, now)
        vm.observed, vm.ssh_port, vm.ended_at = Observed.TERMINATED, None, now
        settle(vm, now)
        save(transaction, vm)
        record_event(
            transaction, vm, EventType.VM_TERMINATED, reason=EventReason.NOT_ON_HOST, actor="reconciler", at=now
        )
        transaction.commit()
        return True

    return decide_again(decide)


def close_left_open(allocation_id: str) -> bool:
    """Close the meter of a workload that has ended, should one be open: nothing that ended is billed on."""

    def decide() -> bool:
        meter = meters.find(allocation_id)
        if meter.closed:
            return False
        vm = Vm.find(vm_key(meter.resource_id), "VM")
        if vm is not None and (vm.observed not in ENDED or vm.allocation_id != allocation_id):
            return False
        ended_at = vm.ended_at if vm is not None else None
        transaction = Transaction()
        until = min(ended_at or meter.posted_until, accruals.caught_up(allocation_id).billed_until)
        meters.close(transaction, meter, until, evidence="workload_ended")
        transaction.commit()
        risks.note(
            RiskKind.METER_LEFT_OPEN, meter.resource_id, severity=Severity.CRITICAL, owner_id=meter.provider_id,
            detail=f"The meter of {allocation_id} was open after {meter.resource_id} had ended. It is closed now.",
        )  # fmt: skip
        return True

    return decide_again(decide)


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
    vm = Vm.find(vm_key(meter.resource_id), "VM")
    if vm is None or vm.operation is not None or vm.observed not in (Observed.RUNNING, Observed.STOPPED):
        return False
    request(vm, Verb.STOP if vm.observed is Observed.RUNNING else Verb.TERMINATE, by="billing")
    return True


def _warn(meter: Meter) -> None:
    """Tell the renter of a stopped machine, once, when the money that keeps its disk ends within a day."""
    ends_at = meters.paid_until(meter, meters.find_wallet(meter.user_id).available_micros)
    now = clock.now()
    if ends_at is None or ends_at - now > meters.DISK_HELD:
        return
    vm = Vm.find(vm_key(meter.resource_id), "VM")
    if vm is None or vm.operation is not None or (vm.warned_at is not None and now - vm.warned_at < meters.DISK_HELD):
        return
    vm.warned_at = now
    transaction = Transaction()
    save(transaction, vm)
    record_event(
        transaction, vm, EventType.VM_FUNDS_LOW, reason=EventReason.FUNDS_LOW, actor="billing", at=now,
        data=FundsLow(ends_at=ends_at),
    )  # fmt: skip
    with suppress(Moved):  # the next accrual tells it
        transaction.commit()


def _reserve(rate_nanos_per_hour: int) -> int:
    """What is kept so that a machine is stopped before its money ends: two minutes of its rate."""
    return money.hold_micros(rate_nanos_per_hour, 120)
