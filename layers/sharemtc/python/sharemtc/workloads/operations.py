"""What a user may order of a VM that exists: start, stop, reboot, terminate.

The order is stored first, with its effect on money and capacity; then its execution is started. If that start is
lost, the reconciler finds the order unsettled and drives it.
"""

from __future__ import annotations

from datetime import datetime

from sharemtc import clock, request_context
from sharemtc.allocations import placement, refusals
from sharemtc.allocations import service as allocations
from sharemtc.allocations.table import AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.accruals import Metered
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.spending import Spender
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts import service as hosts
from sharemtc.hosts.states import HostState
from sharemtc.idempotency import Claim
from sharemtc.problems import Conflict
from sharemtc.requests import IfMatch
from sharemtc.storage.transactions import Transaction, decide_again
from sharemtc.wire import Verb
from sharemtc.workloads import executions
from sharemtc.workloads.lifecycle import record_event
from sharemtc.workloads.schemas import VmView
from sharemtc.workloads.states import WANTED_BY, actions
from sharemtc.workloads.table import Vm, save


class NotAllowedNow(Conflict):
    """The VM's state does not allow the order; `actions` lists what it allows."""

    code, title = "not_allowed_now", "Not possible in this state"


class HostNotReady(Conflict):
    """The VM's host does not take orders at this moment."""

    code, title, retryable = "host_not_ready", "The machine's host is not ready", True


def request(
    vm: Vm, verb: Verb, *, by: Spender | str, claim: Claim | None = None, if_match: IfMatch = IfMatch()
) -> VmView:
    """Store the order with its effect on money and capacity, and start its execution.

    `by`: who orders; the platform itself, by its name, may order what takes no money.

    Errors: `NotAllowedNow`, `HostNotReady`, `HostFull`, `InsufficientFunds`, `CapReached`, `PreconditionFailed`.
    """

    actor, reason = (by.user_id, EventReason.USER) if isinstance(by, Spender) else (by, EventReason.FUNDS_LOW)

    def decide() -> VmView:
        vm.refresh(consistent_read=True)
        if_match.demand(vm.version)
        metered = accruals.caught_up(vm.allocation_id)
        _demand_allowed(vm, verb, metered.host_state)
        transaction = Transaction()
        now = clock.now()
        _affect(transaction, vm, verb, metered, now, by)
        begin(vm, verb, now)
        save(transaction, vm)
        view = VmView.of(vm, metered, now)
        if claim is not None:
            claim.record(transaction, view)
        record_event(transaction, vm, EventType(f"vm.{verb}_ordered"), reason=reason, actor=actor, at=now)
        transaction.commit()
        return view

    decided = decide_again(decide)
    executions.start(vm)
    return decided


def begin(vm: Vm, verb: Verb, now: datetime) -> None:
    """A new order: a new generation, and for a boot a new timeline."""
    vm.desired, vm.operation = WANTED_BY[verb], verb
    vm.request_id = request_context.request_id()
    vm.generation += 1
    vm.attempt, vm.drive, vm.driven_at = 1, 1, now
    vm.unsettled_shard = shard_of(vm.id)
    if verb in (Verb.CREATE, Verb.START, Verb.REBOOT):
        vm.queued_at = now
        vm.placing_at = vm.preparing_at = vm.booting_at = vm.ready_at = None
        vm.failure_code = vm.failure_detail = None


def shard_of(vm_id: str) -> str:
    """The reconciler's partition of a VM: its id's last letter spreads them evenly."""
    return str(ord(vm_id[-1]) % 4)


def _demand_allowed(vm: Vm, verb: Verb, host_state: HostState) -> None:
    """Errors: `NotAllowedNow` by the VM's own state, `HostNotReady` by its host's."""
    allowed = actions(vm.status, host_state)
    if verb in allowed:
        return
    if verb in actions(vm.status, HostState.READY):
        raise HostNotReady(f"The host is {host_state}.")
    raise NotAllowedNow(
        f"A VM that is {vm.status} cannot {verb}.", status=str(vm.status), actions=[str(one) for one in allowed]
    )


def _affect(transaction: Transaction, vm: Vm, verb: Verb, found: Metered, now: datetime, by: Spender | str) -> None:
    """What the order itself does to money and capacity, before any host has heard of it.

    What the renter pays for running ends here, at the request: the rest of the way is the host's.
    """
    if verb is Verb.REBOOT:
        return
    allocation = allocations.find(vm.allocation_id)
    if verb is Verb.START:
        standing = hosts.standing(hosts.find(vm.host_id))
        if standing.state is not HostState.READY:
            raise HostNotReady(f"The host is {standing.state}.")
        missing = placement.shortage(standing, allocations.released(allocation))
        if missing:
            rate = vm.stopped_rate_nanos_per_hour
            raise refusals.host_full(standing, allocation.demand, missing, rate, vm.image)
        assert isinstance(by, Spender), "a start holds money"
        meters.raise_hold(transaction, by, found.meter, vm.running_rate_nanos_per_hour, found.billed_until)
        allocations.retake_processors(transaction, allocation, standing)
    elif verb is Verb.STOP:
        _end_segment(transaction, found, SegmentKind.STOPPED, vm.stopped_rate_nanos_per_hour, now)
    else:
        _end_segment(transaction, found, SegmentKind.ENDED, 0, now)
        allocations.move(transaction, allocation, AllocationState.TERMINATING)


def _end_segment(transaction: Transaction, found: Metered, kind: SegmentKind, rate: int, now: datetime) -> None:
    """Let nothing be owed past the request. What a live host has yet to prove of the time before it is settled then."""
    meter, until = found.meter, min(found.billed_until, now)
    if meter.kind is SegmentKind.RUNNING and found.is_heard and until < now:
        meters.end_at(transaction, meter, now, kind, rate)
        return
    meters.finish(transaction, meters.ending(meter, now, kind, rate), until, evidence="request")
