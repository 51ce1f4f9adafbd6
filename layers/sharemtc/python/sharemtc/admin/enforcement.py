"""Applies operators' decisions about hosts and providers to the hosts' states: drained, banned, and back.

Decisions are stored with the provider and the host; the host's state follows step by step. A banned host without leases
is closed at once. One with leases drains first: its heartbeats and commands go on, so that renters can end their
workloads, and an event notifies them. Running workloads are not killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sharemtc import clock
from sharemtc.allocations import service as allocations
from sharemtc.events import service as event_log
from sharemtc.events.kinds import EventReason, EventType, WorkloadEvent
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.state_changes import add_reason, add_state_change
from sharemtc.hosts.states import ENFORCED, HELD, HostState, StateReason, open_state
from sharemtc.independent import independent
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, retry_on_conflict

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation
    from sharemtc.hosts.providers.table import Provider
    from sharemtc.hosts.table import Capacity, Host, Lease

MAX_EVENTS_PER_TRANSACTION = 25
ACTOR = "operator"
# steps to any wanted state: held, banned, back, drained
MAX_STEPS = 4


class Wanted(NamedTuple):
    """The state that operators want a host to be in, and why."""

    state: HostState
    reason: StateReason
    detail: str


def enforce(provider: Provider) -> int:
    """Apply the decisions to each of the provider's hosts; the number of state changes. Idempotent."""
    changes = 0
    with independent() as each:
        for host in hosts.all_of_owner(provider.id):
            with each.one(host.id):
                changes += enforce_on_host(host, provider)
    return changes


def enforce_on_host(host: Host, provider: Provider | None) -> int:
    """Apply the decisions to the host; the number of state changes."""
    for steps in range(MAX_STEPS):
        if not retry_on_conflict(partial(_enforce, host, provider)):
            return steps
    return MAX_STEPS


def enforce_all(statuses: Iterable[HostStatus]) -> int:
    """Complete decisions that were interrupted or waited for leases to end; the number of state changes."""
    found = list(statuses)
    unreadable: set[str] = set()
    known = providers.find_many({at.host.owner_id for at in found}, unreadable=unreadable)
    changes = 0
    with independent() as each:
        for at in found:
            provider = known.get(at.host.owner_id)
            # an unreadable provider may be banned: its hosts keep their states
            if at.host.owner_id in unreadable:
                continue
            if wanted(at.host, provider) is not None or at.capacity.state_reason in ENFORCED:
                with each.one(at.host.id):
                    changes += enforce_on_host(at.host, provider)
    return changes


def wanted(host: Host, provider: Provider | None) -> Wanted | None:
    """The state that operators want the host to be in; None without a decision."""
    if host.ban_reason is not None:
        return Wanted(HostState.BANNED, StateReason.HOST_BANNED, host.ban_reason)
    if provider is not None and provider.state is ProviderState.BANNED:
        return Wanted(HostState.BANNED, StateReason.PROVIDER_BANNED, provider.state_reason)
    if provider is not None and provider.draining:
        return Wanted(HostState.DRAINING, StateReason.PROVIDER_DRAINED, provider.state_reason)
    return None


def _enforce(host: Host, provider: Provider | None) -> bool:
    host.refresh(consistent_read=True)
    capacity, lease = read_state(host.id)
    goal = wanted(host, provider)
    state = _next_state(goal, host, capacity, lease)
    if state is None:
        return False
    reason = goal.reason if goal is not None else StateReason.OPERATOR
    detail = goal.detail if goal is not None else ""
    if goal is not None and goal.state is HostState.BANNED and state is HostState.DRAINING:
        _notify_renters(host, reason)
    transaction = Transaction()
    if state is capacity.state:
        add_reason(transaction, capacity, reason)
    else:
        # a host is banned only while nothing is leased, at the time of the write
        condition = offering.nothing_leased(capacity, host) if state is HostState.BANNED else None
        add_state_change(
            transaction, host, capacity, state,
            reason=reason, actor=ACTOR, at=clock.now(), detail=detail, condition=condition,
        )  # fmt: skip
    transaction.commit()
    return True


def _next_state(goal: Wanted | None, host: Host, capacity: Capacity, lease: Lease) -> HostState | None:
    """The host's next state on the way to its goal; None when it is reached."""
    state, enforced = capacity.state, capacity.state_reason in ENFORCED
    if state is HostState.RETIRED:
        return None
    back = open_state(lease.last_seen_at, clock.now(), settings(), host.maintenance)
    if goal is None:
        return back if enforced and state in (HostState.DRAINING, HostState.BANNED) else None
    if goal.state is HostState.DRAINING:
        if state is HostState.BANNED:
            return back if enforced else None
        return None if state is HostState.DRAINING else HostState.DRAINING
    if state is HostState.BANNED:
        return None
    if offering.leased(capacity, host).is_empty:
        return HostState.BANNED
    # a drain by the owner becomes an enforced one, which the owner cannot end
    return None if state is HostState.DRAINING and capacity.state_reason in HELD else HostState.DRAINING


def _notify_renters(host: Host, reason: StateReason) -> None:
    """Written before the state changes: if that is refused or interrupted, renters are notified again."""
    live = allocations.live_on(host.id)
    for start in range(0, len(live), MAX_EVENTS_PER_TRANSACTION):
        transaction = Transaction()
        for allocation in live[start : start + MAX_EVENTS_PER_TRANSACTION]:
            _add_event(transaction, allocation, reason)
        transaction.commit()


def _add_event(transaction: Transaction, allocation: Allocation, reason: StateReason) -> None:
    event_log.append(
        transaction,
        allocation.user_id,
        EventType.of_workload(allocation.workload_id, WorkloadEvent.HOST_LEAVING),
        allocation.workload_id,
        reason=EventReason(reason),
        actor=ACTOR,
        at=clock.now(),
        detail="This workload's host is leaving. The workload keeps running: move your data and end it.",
    )
