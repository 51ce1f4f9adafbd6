"""Starts that fail: a host on which so many in a row do not come up takes no new work, until it is seen to.

Whatever stands in the way (a port that cannot be opened, a full disk, a broken QEMU) may show in no heartbeat. What its
renter can bring about does not count, nor does a host that is not heard: its silence is judged as such.
"""

from __future__ import annotations

from typing import Final

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts import service, transitions
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.states import HostState, Presence, StateReason, presence
from sharemtc.hosts.table import STARTS, FailedStarts, Host, host_key
from sharemtc.problems import Conflict
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.wire import Verb

# of the order itself, or of the platform
_NOT_THE_HOSTS: Final = frozenset({"spec_refused", "spec_missing", "ssh_key_refused", "hostname_refused"})
_PLATFORMS: Final = frozenset(
    {"lifecycle_failed", "withdrawn", "stale_generation", "kind_unsupported", "command_unsupported"}
)
# a machine that was its renter's already may be broken from inside
_FROM_INSIDE: Final = frozenset({"boot_timeout", "guest_ended", "workload_unknown"})


def failed(host_id: str, verb: Verb, command_id: str, code: str, detail: str) -> None:
    """A start on that host has failed. Told again, it counts once."""
    if code in _NOT_THE_HOSTS | _PLATFORMS or (verb is not Verb.CREATE and code in _FROM_INSIDE):
        return
    capacity, lease = read_state(host_id)
    if presence(lease.last_seen_at, clock.now(), settings()) is not Presence.LIVE:
        return
    record = FailedStarts(host_key(host_id), STARTS)
    counted: list[Action] = [FailedStarts.command_ids.add({command_id}), FailedStarts.last_code.set(code)]
    record.update(counted)
    number = len(record.command_ids or ())
    if number < settings().host_failed_starts or capacity.state in (HostState.DRAINING, HostState.RETIRED):
        return
    host = service.find(host_id)
    told = f"{number} starts in a row failed, the last with {code}: {detail}"[:400]
    try:
        transitions.drain(host, reason=StateReason.STARTS_FAILING, actor="lifecycle", detail=told)
    except Conflict:
        return  # it ended, or was moved by people, meanwhile
    risks.report(
        RiskKind.STARTS_FAILING, host_id, severity=Severity.WARNING, owner_id=host.owner_id,
        detail=f"{host.name} takes no new work: {told}",
    )  # fmt: skip


def add_success(transaction: Transaction, host_id: str) -> None:
    """A start on that host has come up, with what else the transaction does: the row of failures is over."""
    found = FailedStarts.find(host_key(host_id), STARTS)
    if found is not None:
        transaction.delete(found)


def passed_self_test(host: Host) -> None:
    """All that the host tries on itself is well: if failed starts took it off the market, it is back."""

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
