"""Failed starts: a host on which several starts in a row fail is drained.

The cause (a port that cannot be opened, a full disk, a broken QEMU) may not show in heartbeats. Failures that a renter
can cause do not count, nor do those of a host without current heartbeats, which the sweep handles.
"""

from __future__ import annotations

from typing import Final

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts import service, transitions
from sharemtc.hosts.liveness.leases import is_online, read_state
from sharemtc.hosts.states import HostState, StateReason
from sharemtc.hosts.table import STARTS, FailedStarts, Host, host_key
from sharemtc.problems import Conflict
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.wire import Verb

# caused by the renter's request
_RENTER_CODES: Final = frozenset({"spec_refused", "spec_missing", "ssh_key_refused", "hostname_refused"})
# caused by the platform
_PLATFORM_CODES: Final = frozenset(
    {"lifecycle_failed", "withdrawn", "stale_generation", "kind_unsupported", "command_unsupported"}
)
# a workload that has run before may have been broken by its renter
_GUEST_CODES: Final = frozenset({"boot_timeout", "guest_ended", "workload_unknown"})


def record_failure(host_id: str, verb: Verb, command_id: str, code: str, detail: str) -> None:
    """Count a failed start on the host. Idempotent by `command_id`."""
    if code in _RENTER_CODES | _PLATFORM_CODES or (verb is not Verb.CREATE and code in _GUEST_CODES):
        return
    capacity, lease = read_state(host_id)
    if not is_online(lease, clock.now()):
        return
    record = FailedStarts(host_key(host_id), STARTS)
    counted: list[Action] = [FailedStarts.command_ids.add({command_id}), FailedStarts.last_code.set(code)]
    record.update(counted)
    number = len(record.command_ids or ())
    if number < settings().host_failed_starts or capacity.state in (HostState.DRAINING, HostState.RETIRED):
        return
    host = service.find(host_id)
    detail = f"{number} starts in a row failed, the last with {code}: {detail}"[:400]
    try:
        transitions.drain(host, reason=StateReason.STARTS_FAILING, actor="lifecycle", detail=detail)
    except Conflict:
        return  # its state changed meanwhile
    risks.report(
        RiskKind.STARTS_FAILING, host_id, severity=Severity.WARNING, owner_id=host.owner_id,
        detail=f"{host.name} takes no new work: {detail}",
    )  # fmt: skip


def add_success(transaction: Transaction, host_id: str) -> None:
    """Reset the count of failed starts, in the transaction that records a successful one."""
    found = FailedStarts.find(host_key(host_id), STARTS)
    if found is not None:
        transaction.delete(found)


def resume_after_self_test(host: Host) -> None:
    """Resume a host that was drained for failed starts, once its self-test passes."""

    def decide() -> bool:
        capacity, _ = read_state(host.id)
        if capacity.state is not HostState.DRAINING or capacity.state_reason != StateReason.STARTS_FAILING:
            return False
        transaction = Transaction()
        transitions.add_resume(transaction, host, actor=host.id, at=clock.now(), reason=StateReason.SELF_TEST)
        transaction.commit()
        return True

    if retry_on_conflict(decide):
        risks.resolve(RiskKind.STARTS_FAILING, host.id)
