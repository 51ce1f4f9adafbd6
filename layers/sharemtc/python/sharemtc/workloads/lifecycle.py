"""Tasks of the workload state machine: dispatch a command to its host, confirm its proof, recover from its failure.

Each task may run twice, late, or after another operation was requested: it then changes nothing. Money moves at the
instant of the proof stored with the command, not when the task happens to run.
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
from sharemtc.billing.meters import NextSegment
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
# failures of a host that has no record or no disk of the workload
MISSING_CODES = frozenset({"workload_unknown", "disk_lost"})
# The control plane's codes for a host that did not answer: whether it holds the workload is unknown.
UNPROVEN_CODES = frozenset({"host_silent", "timed_out", "lifecycle_failed"})


class Superseded(Exception):  # the state machine catches it by this name
    """The workload has another operation now, or none: this execution ends."""


def load(workload_id: str, generation: int) -> Workload:
    """The workload, if the operation of this generation is in progress. Errors: `Superseded`."""
    workload = table.find(workload_id)
    if workload is None or workload.generation != generation or workload.operation is None:
        raise Superseded(f"{workload_id} generation {generation}")
    return workload


def dispatch(workload_id: str, generation: int, attempt: int, task_token: str) -> None:
    """Queue the command at its host, to be answered to `task_token`; answer now if it has finished."""
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
            allocations.change_state(transaction, allocation, AllocationState.PROVISIONING)
        save(transaction, workload)
        record_event(
            transaction, workload, WorkloadEvent.PLACING, reason=EventReason.DISPATCHED, actor="lifecycle", at=now
        )
        transaction.commit()

    retry_on_conflict(decide)


def answer(command: Command) -> bool:
    """Send a command's result to the waiting execution. False if none waits: the reconciler drives it again."""
    if command.task_token is None or command.result is None:
        return False
    if command.result.proof is not None:
        return executions.succeed(command.task_token, {"command_id": command.id})
    failure = command.result.failure
    return executions.fail(command.task_token, "CommandFailed", f"{failure.code}: {failure.detail}")


def confirm(workload_id: str, generation: int, attempt: int) -> None:
    """Apply the host's proof: state, capacity and money change together, at the instant of the proof."""

    def decide() -> None:
        workload = load(workload_id, generation)
        assert workload.operation is not None
        command = _command(workload, workload.operation, attempt)
        if command is None or command.result is None or command.result.proof is None or command.finished_at is None:
            raise Superseded(f"no proof for {workload_id} generation {generation}")
        if proofs.errors_of(workload.kind, workload.operation, command.result.proof):
            raise Superseded(f"the stored proof does not fit the {workload.operation} of {workload_id}")
        transaction = Transaction()
        apply_proof(transaction, workload, command.result.proof, command.finished_at, evidence=command.id)
        transaction.commit()

    retry_on_conflict(decide)


def _command(workload: Workload, verb: Verb, attempt: int) -> Command | None:
    return commands.find(commands.command_id(workload.id, workload.generation, verb, attempt))


def apply_proof(transaction: Transaction, workload: Workload, proof: Proof, at: datetime, *, evidence: str) -> None:
    """Add the effects of the proof on the workload, its allocation and its meter to `transaction`."""
    verb = workload.operation
    assert verb is not None
    allocation = allocations.find(workload.allocation_id)
    if verb in (Verb.CREATE, Verb.START):
        # a stopped workload that starts is billed as stopped up to the last heartbeat that listed it
        found, rate = accruals.caught_up(workload.allocation_id), workload.running_rate_nanos_per_hour
        next_segment = NextSegment(SegmentKind.RUNNING, rate, at)
        meters.change_rate(
            transaction, found.meter, next_segment, ended_at=min(found.billed_until, at), hold_rate_nanos_per_hour=rate,
            evidence=evidence,
        )  # fmt: skip
        allocations.change_state(transaction, allocation, AllocationState.ACTIVE)
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
    workload.details = kinds.of(workload).details_after(workload, proof)
    settle(workload, at)
    save(transaction, workload)
    proved = CommandOutcome(verb=verb, command_id=evidence, code=None)
    record_event(
        transaction, workload, WorkloadEvent(workload.observed),
        reason=EventReason.PROVED, actor=workload.host_id, at=at, data=proved,
    )  # fmt: skip


def _finish_running(transaction: Transaction, workload: Workload, proof: Proof, at: datetime, evidence: str) -> None:
    """Bill a running workload to the requested end if the proof covers it, else to its last heartbeat."""
    found = accruals.caught_up(workload.allocation_id)
    meter = found.meter
    if meter.closed or meter.ends_at is None:
        return
    last = found.billed_until
    if last < meter.ends_at <= at and _ran_until_end(workload, proof, at, found):
        last = meter.ends_at
    meters.finish(transaction, meter, last, evidence=evidence)


def _ran_until_end(workload: Workload, proof: Proof, at: datetime, found: Metered) -> bool:
    """Whether the proof, received at `at`, shows that the boot ran on until the command ended it."""
    if not proof.boot_id or proof.boot_id != workload.boot_id or proof.uptime_ms is None or workload.ready_at is None:
        return False
    since, lease = found.billed_until, found.lease
    if lease.last_seen_at is not None and since < lease.last_seen_at:
        return False  # the last heartbeat no longer listed it
    began_ms, known_ms = clock.to_ms(at) - proof.uptime_ms, clock.to_ms(workload.ready_at)
    if workload.id in lease.uptime_starts_ms:
        # from the host's clock to ours
        known_ms = lease.uptime_starts_ms[workload.id] + (lease.clock_offset_ms or 0)
    return began_ms <= min(known_ms, clock.to_ms(since)) + continuity.TOLERANCE_MS


def recover(workload_id: str, generation: int, attempt: int, error: str, cause: str) -> int | None:
    """After a failed or timed-out command: relocate once, or give up and release everything.

    Returns the next attempt's number, or None without one.
    """

    def decide() -> int | None:
        workload = load(workload_id, generation)
        assert workload.operation is not None
        commands.withdraw(commands.command_id(workload.id, generation, workload.operation, attempt))
        command = _command(workload, workload.operation, attempt)
        if command is not None and command.result is not None and command.result.proof is not None:
            return attempt  # it succeeded after the timeout: dispatching again finds the proof
        failure = _failure(command, error, cause)
        if workload.operation in (Verb.CREATE, Verb.START):
            ordered = commands.command_id(workload.id, generation, workload.operation, attempt)
            failed_starts.record_failure(workload.host_id, workload.operation, ordered, failure.code, failure.detail)
        if failure.code in MISSING_CODES and workload.operation in (Verb.START, Verb.REBOOT, Verb.STOP):
            detail = f"The host no longer has this workload: {failure.detail}"[:500]
            mark_lost(
                workload, reason=EventReason.NOT_ON_HOST, actor=workload.host_id, detail=detail, proved_gone=False
            )
            return None
        if workload.operation is Verb.CREATE:
            next_attempt = _relocate(workload, attempt, failure)
            if next_attempt is None:
                _fail(workload, failure)
            return next_attempt
        if workload.operation is Verb.START:
            _revert_to_stopped(workload, failure)
        else:
            _retry_later(workload, failure)
        return None

    return retry_on_conflict(decide)


def _failure(command: Command | None, error: str, cause: str) -> Failure:
    reported: Failure | None = command.result.failure if command is not None and command.result is not None else None
    if reported is not None:
        if reported.code != "withdrawn":
            return reported
        return Failure(code="host_silent", detail="The host did not answer in time.")
    code = "timed_out" if "Timeout" in error else "lifecycle_failed"
    return Failure(code=code, detail=f"{error}: {cause}"[:2000])


def _relocate(workload: Workload, attempt: int, failure: Failure) -> int | None:
    """Place the workload on another host that the order allows; None without one, or without an attempt left."""
    if attempt >= MAX_ATTEMPTS:
        return None
    requirements = kinds.of(workload).requirements(workload)._replace(not_host_id=workload.host_id)
    allocation = allocations.find(workload.allocation_id)
    for at in placement.candidates(hosts.on_the_market(), requirements):
        if placement.rate_at(at, requirements.demand) > allocation.running_rate_nanos_per_hour:
            continue  # the agreed price holds
        now = clock.now()
        transaction = Transaction()
        allocations.relocate(transaction, allocation, at, proved_clean=failure.code not in UNPROVEN_CODES, now=now)
        meters.relocate(transaction, meters.find(workload.allocation_id), at.host.owner_id, at.host.id)
        table.set_host(workload, at)
        workload.attempt = attempt + 1
        workload.placing_at = workload.preparing_at = workload.booting_at = None
        save(transaction, workload)
        _record_failure(transaction, workload, WorkloadEvent.RELOCATED, Verb.CREATE, failure, now)
        try:
            transaction.commit()
        except allocations.SliceGone:
            continue
        return attempt + 1
    return None


def _fail(workload: Workload, failure: Failure) -> None:
    """The workload never ran: it costs nothing, and its hold and slice are released."""
    now = clock.now()
    transaction = Transaction()
    meters.close(transaction, meters.find(workload.allocation_id), now, evidence=failure.code)
    allocation = allocations.find(workload.allocation_id)
    if failure.code in UNPROVEN_CODES:
        allocations.await_proof(transaction, allocation, now)
    else:
        allocations.end(transaction, allocation, AllocationState.FAILED, now)
    workload.observed, workload.ended_at = Observed.FAILED, now
    workload.failure_code, workload.failure_detail = failure.code, failure.detail
    settle(workload, now)
    save(transaction, workload)
    _record_failure(transaction, workload, WorkloadEvent.FAILED, Verb.CREATE, failure, now)
    transaction.commit()


def _revert_to_stopped(workload: Workload, failure: Failure) -> None:
    """A workload that failed to start stays stopped and gives back its processors."""
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
    """Stop, reboot and terminate are repeated until they are proved: the reconciler drives them again."""
    now = clock.now()
    transaction = Transaction()
    workload.failure_code, workload.failure_detail = failure.code, failure.detail
    workload.attempt += 1
    save(transaction, workload)
    _record_failure(transaction, workload, WorkloadEvent.DELAYED, workload.operation, failure, now)
    transaction.commit()


def mark_lost(
    workload: Workload,
    *,
    reason: EventReason,
    actor: str,
    detail: str,
    proved_gone: bool = True,
    also: Callable[[Transaction, Metered], None] | None = None,
) -> None:
    """End a workload that is no longer on its host: billing ends at its last proven instant.

    Its slice is released only if its host has proved that it holds nothing of it. `also` adds writes to the
    transaction.
    """
    found, now = accruals.caught_up(workload.allocation_id), clock.now()
    transaction, until, rate = Transaction(), found.billed_until, found.meter.present_rate_nanos_per_hour
    if not found.meter.closed:
        meters.close(transaction, found.meter, until, evidence="lost")
    allocation = allocations.find(workload.allocation_id)
    if proved_gone:
        allocations.end(transaction, allocation, AllocationState.LOST, now)
    else:
        allocations.await_proof(transaction, allocation, now)
    workload.observed, workload.ended_at = Observed.LOST, now
    workload.failure_code, workload.failure_detail = "lost", detail
    settle(workload, now)
    save(transaction, workload)
    unbilled = accruals.unbilled(rate, until, now)
    record_event(
        transaction, workload, WorkloadEvent.LOST, reason=reason, actor=actor, at=now, detail=detail, data=unbilled
    )
    if also is not None:
        also(transaction, found)
    transaction.commit()


def progress(host_id: str, command: Command, phase: str) -> None:
    """Record that the host has begun a step of booting the workload."""

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
    """Add an event of this workload for its owner."""
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
