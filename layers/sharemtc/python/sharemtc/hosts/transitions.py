"""What people and agents decide of a host's state: drain and resume, retire. Bans are the fleet's.

Windows and silence are judged in `states` and stored by the sweep, or at once by `settle`.
"""

from __future__ import annotations

from datetime import datetime

from sharemtc import clock
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.moves import HostClosed, HostMoved, add_move, add_reason, move
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.states import CLOSED, HELD, HostState, Presence, StateReason, due, open_state, presence
from sharemtc.hosts.table import STARTS, Capacity, FailedStarts, Host, unchanged
from sharemtc.problems import Conflict
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict


class WorkloadsLeft(Conflict):
    """Something of the host is still leased."""

    code, title = "workloads_left", "Workloads are left on this host"


class HostEnded(Conflict):
    """The host was retired, banned or declared lost: nothing can be changed about it."""

    code, title = "host_ended", "This host no longer takes part"


class HeldByOperator(Conflict):
    """An operator decided it, and only an operator can undo it."""

    code, title = "held_by_operator", "An operator keeps this host from working"


class HostStillHeard(Conflict):
    """Its heartbeats arrive, or stopped too short a time ago; `possible_from` is when that will be long enough."""

    code, title = "host_heard", "Its host was heard lately"


def demand_open(host_id: str) -> None:
    """For what a host asks itself. Errors: `HostClosed` when it was retired or banned."""
    if read_state(host_id)[0].state in CLOSED:
        raise HostClosed


def demand_part(host: Host) -> Capacity:
    """For what people ask: the counters of a host that takes part. Errors: `HostEnded`."""
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
        raise HostEnded("An operator declared this host lost: it ends, and nothing about it can be changed.")


def demand_silent(host: Host) -> None:
    """Errors: `HostEnded`; `HostStillHeard` while the host's heartbeats arrive."""
    capacity, lease = read_state(host.id, at_most_every_ms=0)
    if capacity.state in CLOSED:
        raise HostEnded
    if presence(lease.last_seen_at, clock.now(), settings()) is Presence.LIVE:
        raise HostStillHeard("Its heartbeats arrive. Drain it, or ban it, instead.")


def add_loss(transaction: Transaction, host: Host, reason: str) -> None:
    """Note that an operator declared the host lost. Refused: `WriteConflict`."""
    lost = [Host.lost_reason.set(reason), Host.version.set(host.version + 1)]
    transaction.update(host, lost, unchanged(host), refused=WriteConflict())


def add_drain(
    transaction: Transaction, host: Host, *, reason: StateReason, actor: str, at: datetime, detail: str = ""
) -> HostState:
    """Let the host take no new work. One that drains already stays so, for the first reason unless operators decided.

    Refused: `HostMoved`. Errors: `HostEnded`.
    """
    capacity, _ = read_state(host.id)
    if capacity.state in CLOSED:
        raise HostEnded
    if capacity.state is not HostState.DRAINING:
        add_move(transaction, host, capacity, HostState.DRAINING, reason=reason, actor=actor, at=at, detail=detail)
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
    """Let a draining host work again, as its window and its last heartbeat allow; another stays as it is.

    Refused: `HostMoved`. Errors: `HostEnded`, `HeldByOperator`.
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
    # whoever lets it work again starts its count anew
    transaction.delete(FailedStarts(host.pk, STARTS))
    state = open_state(lease.last_seen_at, at, settings(), host.maintenance)
    add_move(transaction, host, capacity, state, reason=reason, actor=actor, at=at, detail=detail)


def drain(host: Host, *, reason: StateReason, actor: str, detail: str = "") -> HostState:
    """`add_drain` by itself."""

    def decide() -> HostState:
        transaction = Transaction()
        # what changes nothing is not committed: a transaction holds at least one write
        transaction.check(host, Host.pk.exists(), refused=HostMoved())
        state = add_drain(transaction, host, reason=reason, actor=actor, at=clock.now(), detail=detail)
        transaction.commit()
        return state

    return retry_on_conflict(decide)


def retire(host: Host, *, reason: StateReason, actor: str, detail: str = "") -> datetime:
    """End the host for good; when. It drains first, and that nothing is leased is a condition of the write.

    Errors: `WorkloadsLeft`, and the host drains from then on; `HostEnded` for a banned one. Again, it answers the same.
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
        add_move(
            transaction, host, capacity, HostState.RETIRED,
            reason=reason, actor=actor, at=now, detail=detail, condition=offering.nothing_leased(capacity, host),
        )  # fmt: skip
        gone = [Host.shard.remove(), Host.version.set(host.version + 1)]
        transaction.update(host, gone, unchanged(host), refused=HostMoved())
        providers.remove_host(transaction, host.owner_id)
        transaction.commit()
        return now

    return retry_on_conflict(decide)


def settle(host: Host) -> None:
    """Store the move that time has brought to this host, now and not only at the next sweep."""
    now = clock.now()
    capacity, lease = read_state(host.id)
    step = due(capacity.state, lease.last_seen_at, now, settings(), host.maintenance)
    if step is not None:
        move(host, capacity, step[0], reason=step[1], actor="liveness", at=now)
