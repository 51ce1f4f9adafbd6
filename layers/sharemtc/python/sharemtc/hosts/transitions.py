"""Drain, resume and retirement, by owners, operators and agents. Bans are in `admin.enforcement`.

Maintenance windows and silence are judged in `states` and stored by the sweep, or at once by `settle`.
"""

from __future__ import annotations

from datetime import datetime

from sharemtc import clock
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.liveness.leases import is_online, read_state
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.state_changes import (
    HostClosed,
    HostEnded,
    HostStateConflict,
    add_reason,
    add_state_change,
    change_state,
)
from sharemtc.hosts.states import CLOSED, HELD, HostState, StateReason, due, open_state
from sharemtc.hosts.table import STARTS, Capacity, FailedStarts, Host, unchanged
from sharemtc.problems import Conflict
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict


class WorkloadsLeft(Conflict):
    """Some of the host's capacity is still leased."""

    code, title = "workloads_left", "Workloads still run on this host"


class HeldByOperator(Conflict):
    """An operator's decision, which only an operator can undo."""

    code, title = "held_by_operator", "Held by an operator"


class HostStillOnline(Conflict):
    """Heartbeats arrive, or did until lately; `possible_from` is when the silence will be long enough."""

    code, title = "host_heard", "The host was online recently"


def demand_open(host_id: str) -> None:
    """For requests of the host itself. Errors: `HostClosed` when it is retired or banned."""
    if read_state(host_id)[0].state in CLOSED:
        raise HostClosed


def open_capacity(host: Host) -> Capacity:
    """For requests of people: the capacity of a host that is neither lost nor closed. Errors: `HostEnded`."""
    _demand_not_lost(host)
    capacity, _ = read_state(host.id)
    if capacity.state in CLOSED:
        raise HostEnded
    return capacity


def demand_not_retired(host: Host) -> None:
    """Errors: `HostEnded`."""
    _demand_not_lost(host)
    capacity, _ = read_state(host.id)
    if capacity.state is HostState.RETIRED:
        raise HostEnded


def _demand_not_lost(host: Host) -> None:
    if host.lost_reason is not None:
        raise HostEnded("An operator declared this host lost. It can no longer be changed.")


def demand_silent(host: Host) -> None:
    """Errors: `HostEnded`; `HostStillOnline` while heartbeats arrive."""
    capacity, lease = read_state(host.id, at_most_every_ms=0)
    if capacity.state in CLOSED:
        raise HostEnded
    if is_online(lease, clock.now()):
        raise HostStillOnline("Its heartbeats arrive. Drain or ban it instead.")


def add_loss(transaction: Transaction, host: Host, reason: str) -> None:
    """Note that an operator declared the host lost. Refused: `WriteConflict`."""
    lost = [Host.lost_reason.set(reason), Host.version.set(host.version + 1)]
    transaction.update(host, lost, unchanged(host), refused=WriteConflict())


def add_drain(
    transaction: Transaction, host: Host, *, reason: StateReason, actor: str, at: datetime, detail: str = ""
) -> HostState:
    """Drain the host. One that drains already keeps its reason unless an operator decides.

    Refused: `HostStateConflict`. Errors: `HostEnded`.
    """
    capacity, _ = read_state(host.id)
    if capacity.state in CLOSED:
        raise HostEnded
    if capacity.state is not HostState.DRAINING:
        add_state_change(
            transaction, host, capacity, HostState.DRAINING, reason=reason, actor=actor, at=at, detail=detail
        )
    elif reason in (StateReason.OPERATOR, StateReason.DECLARED_LOST) and capacity.state_reason is not reason:
        add_reason(transaction, capacity, reason)
    return HostState.DRAINING


def add_resume(
    transaction: Transaction,
    host: Host,
    *,
    actor: str,
    at: datetime,
    by_operator: bool = False,
    reason: StateReason | None = None,
    detail: str = "",
) -> None:
    """End the drain; the next state follows from the host's window and last heartbeat. No change for other states.

    Refused: `HostStateConflict`. Errors: `HostEnded`, `HeldByOperator`.
    """
    _demand_not_lost(host)
    capacity, lease = read_state(host.id)
    if capacity.state in CLOSED:
        raise HostEnded
    if capacity.state is not HostState.DRAINING:
        return
    if capacity.state_reason in HELD and not by_operator:
        raise HeldByOperator
    reason = reason or (StateReason.OPERATOR if by_operator else StateReason.PROVIDER)
    # failed starts are counted from zero again
    transaction.delete(FailedStarts(host.pk, STARTS))
    state = open_state(lease.last_seen_at, at, settings(), host.maintenance)
    add_state_change(transaction, host, capacity, state, reason=reason, actor=actor, at=at, detail=detail)


def drain(host: Host, *, reason: StateReason, actor: str, detail: str = "") -> HostState:
    """`add_drain` by itself."""

    def decide() -> HostState:
        transaction = Transaction()
        # for the case that nothing changes: a transaction needs at least one write
        transaction.check(host, Host.pk.exists(), refused=HostStateConflict())
        state = add_drain(transaction, host, reason=reason, actor=actor, at=clock.now(), detail=detail)
        transaction.commit()
        return state

    return retry_on_conflict(decide)


def retire(host: Host, *, reason: StateReason, actor: str, detail: str = "") -> datetime:
    """Retire the host for good; when. It drains first, and the write requires that nothing is leased.

    Errors: `WorkloadsLeft`, after which the host drains; `HostEnded` for a banned one. Idempotent.
    """

    def decide() -> datetime:
        capacity, _ = read_state(host.id)
        if capacity.state is HostState.RETIRED:
            return capacity.state_at
        if capacity.state is not HostState.DRAINING:
            drain(host, reason=reason, actor=actor, detail=detail)
            capacity, _ = read_state(host.id)
        host.refresh(consistent_read=True)
        left = offering.leased(capacity, host)
        if not left.is_empty:
            raise WorkloadsLeft(f"Still leased: {left}. The host takes no new work; retire it when these have ended.")
        now = clock.now()
        transaction = Transaction()
        add_state_change(
            transaction, host, capacity, HostState.RETIRED,
            reason=reason, actor=actor, at=now, detail=detail, condition=offering.nothing_leased(capacity, host),
        )  # fmt: skip
        gone = [Host.shard.remove(), Host.version.set(host.version + 1)]
        transaction.update(host, gone, unchanged(host), refused=HostStateConflict())
        providers.remove_host(transaction, host.owner_id)
        transaction.commit()
        return now

    return retry_on_conflict(decide)


def settle(host: Host) -> None:
    """Store the state change that is due now, instead of at the next sweep."""
    now = clock.now()
    capacity, lease = read_state(host.id)
    step = due(capacity.state, lease.last_seen_at, now, settings(), host.maintenance)
    if step is not None:
        change_state(host, capacity, step[0], reason=step[1], actor="liveness", at=now)
