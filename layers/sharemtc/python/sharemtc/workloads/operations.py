"""Operations on existing workloads: start, stop, reboot, terminate.

The operation is stored first, with its effect on money and capacity; then its execution is started. If that start is
lost, the reconciler finds the unsettled operation and drives it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sharemtc import clock, request_context
from sharemtc.allocations import placement, refusals
from sharemtc.allocations import service as allocations
from sharemtc.allocations.states import AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.accruals import Metered
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.spending import Spender
from sharemtc.events.kinds import EventReason, WorkloadEvent
from sharemtc.hosts import service as hosts
from sharemtc.hosts.states import HostState
from sharemtc.idempotency import Claim
from sharemtc.problems import Conflict
from sharemtc.requests import IfMatch
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.wire import Verb
from sharemtc.workloads import executions
from sharemtc.workloads.kinds import Kind
from sharemtc.workloads.lifecycle import record_event
from sharemtc.workloads.schemas import WorkloadView
from sharemtc.workloads.states import DESIRED_AFTER, actions
from sharemtc.workloads.table import Workload, save, shard_of

V = TypeVar("V", bound=WorkloadView)


class NotAllowedNow(Conflict):
    """The workload's state does not allow the operation; `actions` lists what it allows."""

    code, title = "not_allowed_now", "Not possible in this state"


class HostNotReady(Conflict):
    """The workload's host does not accept commands now."""

    code, title, retryable = "host_not_ready", "Host not ready", True


def request(
    kind: Kind[Any, V],
    workload: Workload,
    verb: Verb,
    *,
    by: Spender | str,
    claim: Claim | None = None,
    if_match: IfMatch = IfMatch(),
) -> V:
    """Store the operation with its effect on money and capacity, and start its execution.

    `by`: the spender, or the platform by name for operations that hold no money.

    Errors: `NotAllowedNow`, `HostNotReady`, `HostFull`, `InsufficientFunds`, `CapReached`, `PreconditionFailed`.
    """

    actor, reason = (by.user_id, EventReason.USER) if isinstance(by, Spender) else (by, EventReason.FUNDS_LOW)

    def decide() -> V:
        workload.refresh(consistent_read=True)
        if_match.require(workload.version)
        metered = accruals.caught_up(workload.allocation_id)
        _demand_allowed(kind, workload, verb, metered.host_state)
        transaction = Transaction()
        now = clock.now()
        _add_effects(transaction, workload, verb, metered, now, by)
        begin(workload, verb, now)
        save(transaction, workload)
        view = kind.view(workload, metered, now)
        if claim is not None:
            claim.record(transaction, view)
        record_event(transaction, workload, WorkloadEvent(f"{verb}_ordered"), reason=reason, actor=actor, at=now)
        transaction.commit()
        return view

    decided = retry_on_conflict(decide)
    executions.start(workload)
    return decided


def begin(workload: Workload, verb: Verb, now: datetime) -> None:
    """Set a new operation: a new generation and, for a boot, a new timeline."""
    workload.desired, workload.operation = DESIRED_AFTER[verb], verb
    workload.request_id = request_context.request_id()
    workload.generation += 1
    workload.attempt, workload.drive, workload.driven_at = 1, 1, now
    workload.unsettled_shard = shard_of(workload.id)
    if verb in (Verb.CREATE, Verb.START, Verb.REBOOT):
        workload.queued_at = now
        workload.placing_at = workload.preparing_at = workload.booting_at = workload.ready_at = None
        workload.failure_code = workload.failure_detail = None


def _demand_allowed(kind: Kind[Any, Any], workload: Workload, verb: Verb, host_state: HostState) -> None:
    """Errors: `NotAllowedNow` by the workload's state, `HostNotReady` by its host's."""
    allowed = actions(workload.status, host_state, kind.time_limits)
    if verb in allowed:
        return
    if verb in actions(workload.status, HostState.READY, kind.time_limits):
        raise HostNotReady(f"The host is {host_state}.")
    raise NotAllowedNow(
        f"Cannot {verb} a workload that is {workload.status}.",
        status=str(workload.status),
        actions=[str(one) for one in allowed],
    )


def _add_effects(
    transaction: Transaction, workload: Workload, verb: Verb, found: Metered, now: datetime, by: Spender | str
) -> None:
    """Add the operation's immediate effects on money and capacity, before the host gets its command.

    Billing as running ends here, at the request: the time until the host executes it is not charged.
    """
    if verb is Verb.REBOOT:
        return
    allocation = allocations.find(workload.allocation_id)
    if verb is Verb.START:
        at = hosts.status_of(hosts.find(workload.host_id))
        if at.state is not HostState.READY:
            raise HostNotReady(f"The host is {at.state}.")
        missing = placement.shortage(at, allocations.released(allocation))
        if missing:
            rate = workload.stopped_rate_nanos_per_hour
            raise refusals.host_full(at, allocation.demand, missing, rate, workload.image)
        assert isinstance(by, Spender), "a start holds money"
        meters.raise_hold(transaction, by, found.meter, workload.running_rate_nanos_per_hour, found.billed_until)
        allocations.retake_processors(transaction, allocation, at)
    elif verb is Verb.STOP:
        _end_segment(transaction, found, SegmentKind.STOPPED, workload.stopped_rate_nanos_per_hour, now)
    else:
        _end_segment(transaction, found, SegmentKind.ENDED, 0, now)
        allocations.change_state(transaction, allocation, AllocationState.TERMINATING)


def _end_segment(transaction: Transaction, found: Metered, kind: SegmentKind, rate: int, now: datetime) -> None:
    """Stop billing at the request; what a live host has yet to prove of the time before is billed later."""
    meter, until = found.meter, min(found.billed_until, now)
    if meter.kind is SegmentKind.RUNNING and found.is_online and until < now:
        meters.request_end(transaction, meter, now, kind, rate)
        return
    meters.finish(transaction, meters.with_end(meter, now, kind, rate), until, evidence="request")
