"""The tasks of the workload state machine: dispatch an order to its host, confirm its proof, recover from its failure.

Each may run twice, late or after another operation was asked for: it then changes nothing. Money moves at the instant
of the proof that is stored with the command, not when the task happens to run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sharemtc import clock
from sharemtc.allocations import placement
from sharemtc.allocations import service as allocations
from sharemtc.allocations.states import AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.accruals import Metered
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.meters import Following
from sharemtc.events import service as events
from sharemtc.events.data import CommandOutcome, EventData
from sharemtc.events.kinds import EventReason, EventType, WorkloadEvent
from sharemtc.hosts import service as hosts
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.liveness import continuity
from sharemtc.hosts.reliability import failed_starts
from sharemtc.problems import NotFound
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.wire import Failure, Proof, Verb
from sharemtc.workloads import executions, kinds, proofs, table
from sharemtc.workloads.states import Desired, Observed
from sharemtc.workloads.table import Workload, save, settle

if TYPE_CHECKING:
    from sharemtc.hosts.commands.table import Command

MAX_ATTEMPTS = 2
# what a host says of a workload of which it has no record, or no disk
NOT_THERE = frozenset({"workload_unknown", "disk_lost"})
# The control plane's own words for a host that said nothing: what it holds is not known.
UNPROVED = frozenset({"host_silent", "timed_out", "lifecycle_failed"})


class Superseded(Exception):  # the state machine catches it by this name
    """The workload has another operation now, or none: this execution has nothing left to do."""


def load(workload_id: str, generation: int) -> Workload:
    """The workload, if the operation of this generation is still under way. Errors: `Superseded`."""
    workload = table.find(workload_id)
    if workload is None or workload.generation != generation or workload.operation is None:
        raise Superseded(f"{workload_id} generation {generation}")
    return workload


def dispatch(workload_id: str, generation: int, attempt: int, task_token: str) -> None:
    """Queue the operation at its host, to be answered to `task_token`; answer now if it has ended already."""
    workload = load(workload_id, generation)
    assert workload.operation is not None
    verb, kind = workload.operation, kinds.of(workload)
    command = commands.issue(
        workload.host_id,
        workload.id,
        kind.name,
        verb,
        generation=generation,
        attempt=attempt,
        spec=kind.spec(workload) if verb in (Verb.CREATE, Verb.START, Verb.REBOOT) else None,
        task_token=task_token,
        time_limit=kind.time_limits[verb],
        request_id=workload.request_id,
    )
    _mark_placing(workload_id, generation)
    if command.finished_at is not None:
        command.task_token = task_token
        answer(command)


def _mark_placing(workload_id: str, generation: int) -> None:
    def decide() -> None:
        workload = load(workload_id, generation)
        if workload.placing_at is not None or workload.operation not in (Verb.CREATE, Verb.START, Verb.REBOOT):
            return
        now = clock.now()
        workload.placing_at = now
        transaction = Transaction()
        if workload.observed is Observed.PENDING:
            workload.observed = Observed.PROVISIONING
            allocation = allocations.find(workload.allocation_id)
            allocations.move(transaction, allocation, AllocationState.PROVISIONING)
        save(transaction, workload)
        record_event(
            transaction, workload, WorkloadEvent.PLACING, reason=EventReason.DISPATCHED, actor="lifecycle", at=now
        )
        transaction.commit()

    retry_on_conflict(decide)


def answer(command: Command) -> bool:
    """Tell the waiting execution how its command ended. False when none waits: the reconciler will drive it again."""
    if command.task_token is None or command.result is None:
        return False
    if command.result.proof is not None:
        return executions.succeed(command.task_token, {"command_id": command.id})
    failure = command.result.failure
    return executions.fail(command.task_token, "CommandFailed", f"{failure.code}: {failure.detail}")


def confirm(workload_id: str, generation: int, attempt: int) -> None:
    """Apply what the host has proved: state, capacity and money change together, at the instant of the proof."""

    def decide() -> None:
        workload = load(workload_id, generation)
        assert workload.operation is not None
        command = _command(workload, workload.operation, attempt)
        if command is None or command.result is None or command.result.proof is None or command.finished_at is None:
            raise Superseded(f"no proof for {workload_id} generation {generation}")
        if proofs.misfits(workload.kind, workload.operation, command.result.proof):
            raise Superseded(f"the stored proof does not fit the {workload.operation} of {workload_id}")
        transaction = Transaction()
        apply_proof(transaction, workload, command.result.proof, command.finished_at, evidence=command.id)
        transaction.commit()

    retry_on_conflict(decide)


def _command(workload: Workload, verb: Verb, attempt: int) -> Command | None:
    return commands.find(commands.command_id(workload.id, workload.generation, verb, attempt))


def apply_proof(transaction: Transaction, workload: Workload, proof: Proof, at: datetime, *, evidence: str) -> None:
    """Add to `transaction` what the proof means for the workload, its allocation and its meter."""
    verb = workload.operation
    assert verb is not None
    allocation = allocations.find(workload.allocation_id)
    if verb in (Verb.CREATE, Verb.START):
        # a stopped workload that starts is billed as stopped as far as its host has listed it
        found, rate = accruals.caught_up(workload.allocation_id), workload.running_rate_nanos_per_hour
        following = Following(SegmentKind.RUNNING, rate, at)
        meters.change_rate(
            transaction, found.meter, following, ended_at=min(found.billed_until, at), hold_rate_nanos_per_hour=rate,
            evidence=evidence,
        )  # fmt: skip
        allocations.move(transaction, allocation, AllocationState.ACTIVE)
        failed_starts.add_success(transaction, workload.host_id)
    elif verb in (Verb.STOP, Verb.TERMINATE):
        _finish_running(transaction, workload, proof, at, evidence)
        if verb is Verb.STOP:
            allocations.release_processors(transaction, allocation)
        else:
            allocations.end(transaction, allocation, AllocationState.TERMINATED, at)
    if proof.state == "running":
        workload.observed, workload.ready_at = Observed.RUNNING, at
        workload.boot_id = proof.boot_id
    elif proof.state == "stopped":
        workload.observed = Observed.STOPPED
    else:
        workload.observed, workload.ended_at = Observed.TERMINATED, at
    workload.details = kinds.of(workload).proved(workload, proof)
    settle(workload, at)
    save(transaction, workload)
    proved = CommandOutcome(verb=verb, command_id=evidence, code=None)
    record_event(
        transaction, workload, WorkloadEvent(workload.observed),
        reason=EventReason.PROVED, actor=workload.host_id, at=at, data=proved,
    )  # fmt: skip


def _finish_running(transaction: Transaction, workload: Workload, proof: Proof, at: datetime, evidence: str) -> None:
    """Settle what ran until the renter asked for its end: up to the request if the proof says so, else as listed."""
    found = accruals.caught_up(workload.allocation_id)
    meter = found.meter
    if meter.closed or meter.ends_at is None:
        return
    last = found.billed_until
    if last < meter.ends_at <= at and _ran_to_its_end(workload, proof, at, found):
        last = meter.ends_at
    meters.finish(transaction, meter, last, evidence=evidence)


def _ran_to_its_end(workload: Workload, proof: Proof, at: datetime, found: Metered) -> bool:
    """Whether the proof, which came at `at`, says that the boot ran on from its last proof until the order ended it."""
    if not proof.boot_id or proof.boot_id != workload.boot_id or proof.uptime_ms is None or workload.ready_at is None:
        return False
    since, lease = found.billed_until, found.lease
    if lease.last_seen_at is not None and since < lease.last_seen_at:
        return False  # the last heartbeat says otherwise
    began_ms, known_ms = clock.to_ms(at) - proof.uptime_ms, clock.to_ms(workload.ready_at)
    if workload.id in lease.beginnings_ms:
        # from the host's clock to ours
        known_ms = lease.beginnings_ms[workload.id] + (lease.clock_offset_ms or 0)
    return began_ms <= min(known_ms, clock.to_ms(since)) + continuity.TOLERANCE_MS


def recover(workload_id: str, generation: int, attempt: int, error: str, cause: str) -> int | None:
    """The order failed or timed out: place it elsewhere once, or give up and release everything.

    Returns the next attempt's number, or None when it is over.
    """

    def decide() -> int | None:
        workload = load(workload_id, generation)
        assert workload.operation is not None
        commands.withdraw(commands.command_id(workload.id, generation, workload.operation, attempt))
        command = _command(workload, workload.operation, attempt)
        if command is not None and command.result is not None and command.result.proof is not None:
            return attempt  # it succeeded while the time ran out: dispatching again finds the proof
        failure = _failure(command, error, cause)
        if workload.operation in (Verb.CREATE, Verb.START):
            ordered = commands.command_id(workload.id, generation, workload.operation, attempt)
            failed_starts.failed(workload.host_id, workload.operation, ordered, failure.code, failure.detail)
        if failure.code in NOT_THERE and workload.operation in (Verb.START, Verb.REBOOT, Verb.STOP):
            detail = f"Its host does not have it any more: {failure.detail}"[:500]
            lose(workload, reason=EventReason.NOT_ON_HOST, actor=workload.host_id, detail=detail, proved_gone=False)
            return None
        if workload.operation is Verb.CREATE:
            following = _elsewhere(workload, attempt, failure)
            if following is None:
                _fail(workload, failure)
            return following
        if workload.operation is Verb.START:
            _revert_to_stopped(workload, failure)
        else:
            _retry_later(workload, failure)
        return None

    return retry_on_conflict(decide)


def _failure(command: Command | None, error: str, cause: str) -> Failure:
    told: Failure | None = command.result.failure if command is not None and command.result is not None else None
    if told is not None:
        if told.code != "withdrawn":
            return told
        return Failure(code="host_silent", detail="The host did not answer in time.")
    code = "timed_out" if "Timeout" in error else "lifecycle_failed"
    return Failure(code=code, detail=f"{error}: {cause}"[:2000])


def _elsewhere(workload: Workload, attempt: int, failure: Failure) -> int | None:
    """Move its slice to another host that the order allows; None when there is none or no attempt is left."""
    if attempt >= MAX_ATTEMPTS:
        return None
    wish = kinds.of(workload).wish(workload)._replace(not_host_id=workload.host_id)
    allocation = allocations.find(workload.allocation_id)
    for at in placement.candidates(hosts.on_the_market(), wish):
        if placement.rate_at(at, wish.demand) > allocation.running_rate_nanos_per_hour:
            continue  # the price that was agreed is honoured
        now = clock.now()
        transaction = Transaction()
        allocations.relocate(transaction, allocation, at, proved_clean=failure.code not in UNPROVED, now=now)
        meters.relocate(transaction, meters.find(workload.allocation_id), at.host.owner_id, at.host.id)
        workload.host_id, workload.host_name = at.host.id, at.host.name
        workload.region, workload.connect_address = at.region, at.host.inventory.connect_address
        workload.attempt, workload.placing_at, workload.preparing_at, workload.booting_at = (
            attempt + 1,
            None,
            None,
            None,
        )
        save(transaction, workload)
        _record_failure(transaction, workload, WorkloadEvent.RELOCATED, Verb.CREATE, failure, now)
        try:
            transaction.commit()
        except allocations.SliceGone:
            continue
        return attempt + 1
    return None


def _fail(workload: Workload, failure: Failure) -> None:
    """It never ran: it costs nothing, the hold goes back, the slice is free again."""
    now = clock.now()
    transaction = Transaction()
    meters.close(transaction, meters.find(workload.allocation_id), now, evidence=failure.code)
    allocation = allocations.find(workload.allocation_id)
    if failure.code in UNPROVED:
        allocations.leave_for_proof(transaction, allocation, now)
    else:
        allocations.end(transaction, allocation, AllocationState.FAILED, now)
    workload.observed, workload.ended_at = Observed.FAILED, now
    workload.failure_code, workload.failure_detail = failure.code, failure.detail
    settle(workload, now)
    save(transaction, workload)
    _record_failure(transaction, workload, WorkloadEvent.FAILED, Verb.CREATE, failure, now)
    transaction.commit()


def _revert_to_stopped(workload: Workload, failure: Failure) -> None:
    """A stopped workload that would not start stays stopped and gives its processors back."""
    now = clock.now()
    transaction = Transaction()
    allocations.release_processors(transaction, allocations.find(workload.allocation_id))
    workload.desired, workload.observed = Desired.STOPPED, Observed.STOPPED
    workload.failure_code, workload.failure_detail = failure.code, failure.detail
    settle(workload, now)
    save(transaction, workload)
    _record_failure(transaction, workload, WorkloadEvent.START_FAILED, Verb.START, failure, now)
    transaction.commit()


def _retry_later(workload: Workload, failure: Failure) -> None:
    """Stop, reboot and terminate are asked for until they are proved: the reconciler drives them again."""
    now = clock.now()
    transaction = Transaction()
    workload.failure_code, workload.failure_detail = failure.code, failure.detail
    workload.attempt += 1
    save(transaction, workload)
    _record_failure(transaction, workload, WorkloadEvent.DELAYED, workload.operation, failure, now)
    transaction.commit()


def lose(
    workload: Workload,
    *,
    reason: EventReason,
    actor: str,
    detail: str,
    proved_gone: bool = True,
    also: Callable[[Transaction, Metered], None] | None = None,
) -> None:
    """It is no longer on its host: billing ends at its last proven second. `also` adds to what is written.

    Its slice is free only if its host has proved that it holds nothing of it; else it stays taken until it has.
    """
    found, now = accruals.caught_up(workload.allocation_id), clock.now()
    transaction, until, rate = Transaction(), found.billed_until, found.meter.present_rate_nanos_per_hour
    if not found.meter.closed:
        meters.close(transaction, found.meter, until, evidence="lost")
    allocation = allocations.find(workload.allocation_id)
    if proved_gone:
        allocations.end(transaction, allocation, AllocationState.LOST, now)
    else:
        allocations.leave_for_proof(transaction, allocation, now)
    workload.observed, workload.ended_at = Observed.LOST, now
    workload.failure_code, workload.failure_detail = "lost", detail
    settle(workload, now)
    save(transaction, workload)
    left_out = accruals.unbilled(rate, until, now)
    record_event(
        transaction, workload, WorkloadEvent.LOST, reason=reason, actor=actor, at=now, detail=detail, data=left_out
    )
    if also is not None:
        also(transaction, found)
    transaction.commit()


def progress(host_id: str, command: Command, phase: str) -> None:
    """The host has begun a step of booting the workload."""

    def decide() -> None:
        workload = table.find(command.workload_id)
        if (
            workload is None
            or workload.generation != command.generation
            or workload.host_id != host_id
            or workload.operation is None
        ):
            raise NotFound
        field = f"{phase}_at"
        if getattr(workload, field) is not None:
            return
        now = clock.now()
        setattr(workload, field, now)
        transaction = Transaction()
        save(transaction, workload)
        record_event(transaction, workload, WorkloadEvent(phase), reason=EventReason.PROGRESS, actor=host_id, at=now)
        transaction.commit()

    retry_on_conflict(decide)


def record_event(
    transaction: Transaction,
    workload: Workload,
    what: WorkloadEvent,
    *,
    reason: EventReason,
    actor: str,
    at: datetime,
    detail: str = "",
    data: EventData | None = None,
) -> None:
    """Append an event of this workload for its owner."""
    events.append(
        transaction, workload.user_id, EventType.of_workload(workload.id, what), workload.id,
        reason=reason, actor=actor, at=at, detail=detail, data=data,
    )  # fmt: skip


def _record_failure(
    transaction: Transaction, workload: Workload, what: WorkloadEvent, verb: Verb, failure: Failure, at: datetime
) -> None:
    failed = CommandOutcome(verb=verb, command_id=None, code=failure.code)
    reason = EventReason.COMMAND_FAILED
    record_event(
        transaction, workload, what, reason=reason, actor="lifecycle", at=at, detail=failure.detail, data=failed
    )
