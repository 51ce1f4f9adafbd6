"""The tasks of the workload state machine: dispatch an order to its host, confirm its proof, recover from its failure.

Each may run twice, late or after the VM was given another order: it then changes nothing. Money moves at the instant
of the proof that is stored with the command, not when the task happens to run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sharemtc import clock
from sharemtc.allocations import placement
from sharemtc.allocations import service as allocations
from sharemtc.allocations.placement import Wish
from sharemtc.allocations.table import AllocationState
from sharemtc.billing import accruals, meters
from sharemtc.billing.accruals import Metered
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.meters import Following
from sharemtc.events import service as events
from sharemtc.events.data import CommandOutcome, EventData
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts import service as hosts
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.commands.table import Command
from sharemtc.hosts.liveness import continuity
from sharemtc.hosts.reliability import failed_starts
from sharemtc.problems import NotFound
from sharemtc.storage.transactions import Transaction, decide_again
from sharemtc.wire import Failure, Proof, Verb, VmSpec, WorkloadKind
from sharemtc.workloads import executions, proofs
from sharemtc.workloads.states import TIME_LIMITS, Desired, Observed
from sharemtc.workloads.table import Vm, save, settle, vm_key

MAX_ATTEMPTS = 2
# a host's words for a machine of which it has no record, or no disk
NOT_THERE = frozenset({"workload_unknown", "disk_lost"})
# The control plane's own words for a host that said nothing: what it holds is not known.
UNPROVED = frozenset({"host_silent", "timed_out", "lifecycle_failed"})


class Superseded(Exception):  # the state machine catches it by this name
    """The VM has another order now, or none: this execution has nothing left to do."""


def load(vm_id: str, generation: int) -> Vm:
    """The VM, if the order of this generation is still under way. Errors: `Superseded`."""
    vm = Vm.find(vm_key(vm_id), "VM")
    if vm is None or vm.generation != generation or vm.operation is None:
        raise Superseded(f"{vm_id} generation {generation}")
    return vm


def dispatch(vm_id: str, generation: int, attempt: int, task_token: str) -> None:
    """Queue the order at the VM's host, to be answered to `task_token`; answer now if it has ended already."""
    vm = load(vm_id, generation)
    assert vm.operation is not None
    verb = vm.operation
    command = commands.issue(
        vm.host_id,
        vm.id,
        WorkloadKind.VM,
        verb,
        generation=generation,
        attempt=attempt,
        spec=_spec(vm) if verb in (Verb.CREATE, Verb.START, Verb.REBOOT) else None,
        task_token=task_token,
        time_limit=TIME_LIMITS[verb],
        request_id=vm.request_id,
    )
    _mark_placing(vm_id, generation)
    if command.finished_at is not None:
        command.task_token = task_token
        answer(command)


def _spec(vm: Vm) -> VmSpec:
    return VmSpec(
        kind="vm",
        name=vm.name,
        hostname=vm.name,
        image=vm.image,
        vcpus=vm.vcpus,
        memory_mib=vm.memory_mib,
        disk_gib=vm.disk_gib,
        ssh_public_keys=vm.ssh_public_keys,
    )


def _mark_placing(vm_id: str, generation: int) -> None:
    def decide() -> None:
        vm = load(vm_id, generation)
        if vm.placing_at is not None or vm.operation not in (Verb.CREATE, Verb.START, Verb.REBOOT):
            return
        now = clock.now()
        vm.placing_at = now
        transaction = Transaction()
        if vm.observed is Observed.PENDING:
            vm.observed = Observed.PROVISIONING
            allocation = allocations.find(vm.allocation_id)
            allocations.move(transaction, allocation, AllocationState.PROVISIONING)
        save(transaction, vm)
        record_event(transaction, vm, EventType.VM_PLACING, reason=EventReason.DISPATCHED, actor="lifecycle", at=now)
        transaction.commit()

    decide_again(decide)


def answer(command: Command) -> bool:
    """Tell the waiting execution how its command ended. False when none waits: the reconciler will drive it again."""
    if command.task_token is None or command.result is None:
        return False
    if command.result.proof is not None:
        return executions.succeed(command.task_token, {"command_id": command.id})
    failure = command.result.failure
    return executions.fail(command.task_token, "CommandFailed", f"{failure.code}: {failure.detail}")


def confirm(vm_id: str, generation: int, attempt: int) -> None:
    """Apply what the host has proved: state, capacity and money change together, at the instant of the proof."""

    def decide() -> None:
        vm = load(vm_id, generation)
        assert vm.operation is not None
        command = _command(vm, vm.operation, attempt)
        if command is None or command.result is None or command.result.proof is None or command.finished_at is None:
            raise Superseded(f"no proof for {vm_id} generation {generation}")
        if proofs.misfits(vm.operation, command.result.proof):
            raise Superseded(f"the stored proof does not fit the {vm.operation} of {vm_id}")
        transaction = Transaction()
        apply_proof(transaction, vm, command.result.proof, command.finished_at, evidence=command.id)
        transaction.commit()

    decide_again(decide)


def _command(vm: Vm, verb: Verb, attempt: int) -> Command | None:
    return Command.find(f"COMMAND#{commands.command_id(vm.id, vm.generation, verb, attempt)}", "COMMAND")


def apply_proof(transaction: Transaction, vm: Vm, proof: Proof, at: datetime, *, evidence: str) -> None:
    """Add to `transaction` what the proof means for the VM, its allocation and its meter."""
    verb = vm.operation
    assert verb is not None
    allocation = allocations.find(vm.allocation_id)
    if verb in (Verb.CREATE, Verb.START):
        # a stopped machine that starts is billed as stopped as far as its host has listed it
        found, rate = accruals.caught_up(vm.allocation_id), vm.running_rate_nanos_per_hour
        following = Following(SegmentKind.RUNNING, rate, at)
        meters.change_rate(
            transaction, found.meter, following, ended_at=min(found.billed_until, at), hold_rate_nanos_per_hour=rate,
            evidence=evidence,
        )  # fmt: skip
        allocations.move(transaction, allocation, AllocationState.ACTIVE)
        failed_starts.add_success(transaction, vm.host_id)
    elif verb in (Verb.STOP, Verb.TERMINATE):
        _finish_running(transaction, vm, proof, at, evidence)
        if verb is Verb.STOP:
            allocations.release_processors(transaction, allocation)
        else:
            allocations.end(transaction, allocation, AllocationState.TERMINATED, at)
    if proof.state == "running":
        vm.observed, vm.ready_at = Observed.RUNNING, at
        vm.ssh_port, vm.boot_id = proof.ssh_port, proof.boot_id
    elif proof.state == "stopped":
        vm.observed, vm.ssh_port = Observed.STOPPED, None
    else:
        vm.observed, vm.ssh_port, vm.ended_at = Observed.TERMINATED, None, at
    settle(vm, at)
    save(transaction, vm)
    proved = CommandOutcome(verb=verb, command_id=evidence, code=None)
    record_event(
        transaction, vm, EventType(f"vm.{vm.observed}"),
        reason=EventReason.PROVED, actor=vm.host_id, at=at, data=proved,
    )  # fmt: skip


def _finish_running(transaction: Transaction, vm: Vm, proof: Proof, at: datetime, evidence: str) -> None:
    """Settle what ran until the renter asked for its end: up to the request if the proof says so, else as listed."""
    found = accruals.caught_up(vm.allocation_id)
    meter = found.meter
    if meter.closed or meter.ends_at is None:
        return
    last = found.billed_until
    if last < meter.ends_at <= at and _ran_to_its_end(vm, proof, at, found):
        last = meter.ends_at
    meters.finish(transaction, meter, last, evidence=evidence)


def _ran_to_its_end(vm: Vm, proof: Proof, at: datetime, found: Metered) -> bool:
    """Whether the proof, which came at `at`, says that the boot ran on from its last proof until the order ended it."""
    if not proof.boot_id or proof.boot_id != vm.boot_id or proof.uptime_ms is None or vm.ready_at is None:
        return False
    since, lease = found.billed_until, found.lease
    if lease.last_seen_at is not None and since < lease.last_seen_at:
        return False  # the last heartbeat says otherwise
    began_ms, known_ms = clock.to_ms(at) - proof.uptime_ms, clock.to_ms(vm.ready_at)
    if vm.id in lease.beginnings_ms:
        # from the host's clock to ours
        known_ms = lease.beginnings_ms[vm.id] + (lease.clock_offset_ms or 0)
    return began_ms <= min(known_ms, clock.to_ms(since)) + continuity.TOLERANCE_MS


def recover(vm_id: str, generation: int, attempt: int, error: str, cause: str) -> int | None:
    """The order failed or timed out: place it elsewhere once, or give up and release everything.

    Returns the next attempt's number, or None when it is over.
    """

    def decide() -> int | None:
        vm = load(vm_id, generation)
        assert vm.operation is not None
        commands.withdraw(commands.command_id(vm.id, generation, vm.operation, attempt))
        command = _command(vm, vm.operation, attempt)
        if command is not None and command.result is not None and command.result.proof is not None:
            return attempt  # it succeeded while the time ran out: dispatching again finds the proof
        failure = _failure(command, error, cause)
        if vm.operation in (Verb.CREATE, Verb.START):
            ordered = commands.command_id(vm.id, generation, vm.operation, attempt)
            failed_starts.failed(vm.host_id, vm.operation, ordered, failure.code, failure.detail)
        if failure.code in NOT_THERE and vm.operation in (Verb.START, Verb.REBOOT, Verb.STOP):
            detail = f"Its host does not have it any more: {failure.detail}"[:500]
            lose(vm, reason=EventReason.NOT_ON_HOST, actor=vm.host_id, detail=detail, proved_gone=False)
            return None
        if vm.operation is Verb.CREATE:
            following = _elsewhere(vm, attempt, failure)
            if following is None:
                _fail(vm, failure)
            return following
        if vm.operation is Verb.START:
            _revert_to_stopped(vm, failure)
        else:
            _retry_later(vm, failure)
        return None

    return decide_again(decide)


def _failure(command: Command | None, error: str, cause: str) -> Failure:
    told: Failure | None = command.result.failure if command is not None and command.result is not None else None
    if told is not None:
        if told.code != "withdrawn":
            return told
        return Failure(code="host_silent", detail="The host did not answer in time.")
    code = "timed_out" if "Timeout" in error else "lifecycle_failed"
    return Failure(code=code, detail=f"{error}: {cause}"[:2000])


def _elsewhere(vm: Vm, attempt: int, failure: Failure) -> int | None:
    """Move the VM's slice to another host that the order allows; None when there is none or no attempt is left."""
    if attempt >= MAX_ATTEMPTS:
        return None
    allocation = allocations.find(vm.allocation_id)
    wish = Wish(allocation.demand, vm.image, vm.wanted_host_id, vm.wanted_region, not_host_id=vm.host_id)
    for at in placement.candidates(hosts.on_the_market(), wish):
        if placement.rate_at(at, wish.demand) > allocation.running_rate_nanos_per_hour:
            continue  # the price that was agreed is honoured
        now = clock.now()
        transaction = Transaction()
        allocations.relocate(transaction, allocation, at, proved_clean=failure.code not in UNPROVED, now=now)
        meters.relocate(transaction, meters.find(vm.allocation_id), at.host.owner_id, at.host.id)
        vm.host_id, vm.host_name = at.host.id, at.host.name
        vm.region, vm.connect_address = at.region, at.host.inventory.connect_address
        vm.attempt, vm.placing_at, vm.preparing_at, vm.booting_at = attempt + 1, None, None, None
        save(transaction, vm)
        _record_failure(transaction, vm, EventType.VM_RELOCATED, Verb.CREATE, failure, now)
        try:
            transaction.commit()
        except allocations.SliceGone:
            continue
        return attempt + 1
    return None


def _fail(vm: Vm, failure: Failure) -> None:
    """It never ran: it costs nothing, the hold goes back, the slice is free again."""
    now = clock.now()
    transaction = Transaction()
    meters.close(transaction, meters.find(vm.allocation_id), now, evidence=failure.code)
    allocation = allocations.find(vm.allocation_id)
    if failure.code in UNPROVED:
        allocations.leave_for_proof(transaction, allocation, now)
    else:
        allocations.end(transaction, allocation, AllocationState.FAILED, now)
    vm.observed, vm.ended_at = Observed.FAILED, now
    vm.failure_code, vm.failure_detail = failure.code, failure.detail
    settle(vm, now)
    save(transaction, vm)
    _record_failure(transaction, vm, EventType.VM_FAILED, Verb.CREATE, failure, now)
    transaction.commit()


def _revert_to_stopped(vm: Vm, failure: Failure) -> None:
    """A stopped machine that would not start stays stopped and gives its processors back."""
    now = clock.now()
    transaction = Transaction()
    allocations.release_processors(transaction, allocations.find(vm.allocation_id))
    vm.desired, vm.observed = Desired.STOPPED, Observed.STOPPED
    vm.failure_code, vm.failure_detail = failure.code, failure.detail
    settle(vm, now)
    save(transaction, vm)
    _record_failure(transaction, vm, EventType.VM_START_FAILED, Verb.START, failure, now)
    transaction.commit()


def _retry_later(vm: Vm, failure: Failure) -> None:
    """Stop, reboot and terminate are asked for until they are proved: the reconciler drives them again."""
    now = clock.now()
    transaction = Transaction()
    vm.failure_code, vm.failure_detail = failure.code, failure.detail
    vm.attempt += 1
    save(transaction, vm)
    _record_failure(transaction, vm, EventType.VM_DELAYED, vm.operation, failure, now)
    transaction.commit()


def lose(
    vm: Vm,
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
    found, now = accruals.caught_up(vm.allocation_id), clock.now()
    transaction, until, rate = Transaction(), found.billed_until, found.meter.present_rate_nanos_per_hour
    if not found.meter.closed:
        meters.close(transaction, found.meter, until, evidence="lost")
    allocation = allocations.find(vm.allocation_id)
    if proved_gone:
        allocations.end(transaction, allocation, AllocationState.LOST, now)
    else:
        allocations.leave_for_proof(transaction, allocation, now)
    vm.observed, vm.ssh_port, vm.ended_at = Observed.LOST, None, now
    vm.failure_code, vm.failure_detail = "lost", detail
    settle(vm, now)
    save(transaction, vm)
    left_out = accruals.unbilled(rate, until, now)
    record_event(transaction, vm, EventType.VM_LOST, reason=reason, actor=actor, at=now, detail=detail, data=left_out)
    if also is not None:
        also(transaction, found)
    transaction.commit()


def progress(host_id: str, command: Command, phase: str) -> None:
    """The host has begun a step of booting the machine."""

    def decide() -> None:
        vm = Vm.find(vm_key(command.workload_id), "VM")
        if vm is None or vm.generation != command.generation or vm.host_id != host_id or vm.operation is None:
            raise NotFound
        field = f"{phase}_at"
        if getattr(vm, field) is not None:
            return
        now = clock.now()
        setattr(vm, field, now)
        transaction = Transaction()
        save(transaction, vm)
        record_event(transaction, vm, EventType(f"vm.{phase}"), reason=EventReason.PROGRESS, actor=host_id, at=now)
        transaction.commit()

    decide_again(decide)


def record_event(
    transaction: Transaction,
    vm: Vm,
    type: EventType,
    *,
    reason: EventReason,
    actor: str,
    at: datetime,
    detail: str = "",
    data: EventData | None = None,
) -> None:
    """Append an event of this VM for its owner."""
    events.append(transaction, vm.user_id, type, vm.id, reason=reason, actor=actor, at=at, detail=detail, data=data)


def _record_failure(
    transaction: Transaction, vm: Vm, type: EventType, verb: Verb, failure: Failure, at: datetime
) -> None:
    failed = CommandOutcome(verb=verb, command_id=None, code=failure.code)
    reason = EventReason.COMMAND_FAILED
    record_event(transaction, vm, type, reason=reason, actor="lifecycle", at=at, detail=failure.detail, data=failed)
