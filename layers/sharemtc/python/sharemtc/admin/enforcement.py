"""Hosts follow what operators decided of them and of their provider: drained, shut out, and back.

What was decided is kept with the provider and the host; a host's state is brought after it, step by step. A banned host
that carries nothing is shut out at once. One that carries something drains first: it is still heard and obeys, so that
renters can end what they have there, and they are told. What runs is not killed.
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
from sharemtc.hosts.moves import add_move, add_reason
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import FOLLOWED, HELD, HostState, StateReason, open_state
from sharemtc.independent import independent
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, retry_on_conflict

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation
    from sharemtc.hosts.providers.table import Provider
    from sharemtc.hosts.table import Capacity, Host, Lease

EVENTS_IN_ONE = 25
ACTOR = "operator"
# held, banned, back, drained: no host takes more moves to where its provider stands
MAX_MOVES = 4


class Wanted(NamedTuple):
    """Where operators want a host to be, and why."""

    state: HostState
    reason: StateReason
    detail: str


def follow(provider: Provider) -> int:
    """Move each of the provider's hosts to where it belongs; how many moves. Done again, it does the rest."""
    moves = 0
    with independent() as each:
        for host in hosts.all_of_owner(provider.id):
            with each.one(host.id):
                moves += follow_host(host, provider)
    return moves


def follow_host(host: Host, provider: Provider | None) -> int:
    """Move the host to where it belongs; how many moves that took."""
    for moves in range(MAX_MOVES):
        if not retry_on_conflict(partial(_follow, host, provider)):
            return moves
    return MAX_MOVES


def follow_all(statuses: Iterable[HostStatus]) -> int:
    """Let hosts follow where an act was cut off, or waited for what ran to end; how many moves."""
    found = list(statuses)
    unreadable: set[str] = set()
    known = providers.find_many({at.host.owner_id for at in found}, unreadable=unreadable)
    moves = 0
    with independent() as each:
        for at in found:
            provider = known.get(at.host.owner_id)
            # a provider that cannot be read may be banned: its hosts stay where they are
            if at.host.owner_id in unreadable:
                continue
            if wanted(at.host, provider) is not None or at.capacity.state_reason in FOLLOWED:
                with each.one(at.host.id):
                    moves += follow_host(at.host, provider)
    return moves


def wanted(host: Host, provider: Provider | None) -> Wanted | None:
    """Where operators want the host to be; None: nowhere in particular."""
    if host.ban_reason is not None:
        return Wanted(HostState.BANNED, StateReason.HOST_BANNED, host.ban_reason)
    if provider is not None and provider.state is ProviderState.BANNED:
        return Wanted(HostState.BANNED, StateReason.PROVIDER_BANNED, provider.state_reason)
    if provider is not None and provider.draining:
        return Wanted(HostState.DRAINING, StateReason.PROVIDER_DRAINED, provider.state_reason)
    return None


def _follow(host: Host, provider: Provider | None) -> bool:
    host.refresh(consistent_read=True)
    capacity, lease = read_state(host.id)
    goal = wanted(host, provider)
    state = _next_state(goal, host, capacity, lease)
    if state is None:
        return False
    reason = goal.reason if goal is not None else StateReason.OPERATOR
    detail = goal.detail if goal is not None else ""
    if goal is not None and goal.state is HostState.BANNED and state is HostState.DRAINING:
        _tell_renters(host, reason)
    transaction = Transaction()
    if state is capacity.state:
        add_reason(transaction, capacity, reason)
    else:
        # a ban shuts out what carries nothing, at the moment of the write
        condition = offering.nothing_leased(capacity, host) if state is HostState.BANNED else None
        add_move(
            transaction, host, capacity, state,
            reason=reason, actor=ACTOR, at=clock.now(), detail=detail, condition=condition,
        )  # fmt: skip
    transaction.commit()
    return True


def _next_state(goal: Wanted | None, host: Host, capacity: Capacity, lease: Lease) -> HostState | None:
    """The host's next state on the way to its goal; None when it is there."""
    state, followed = capacity.state, capacity.state_reason in FOLLOWED
    if state is HostState.RETIRED:
        return None
    back = open_state(lease.last_seen_at, clock.now(), settings(), host.maintenance)
    if goal is None:
        return back if followed and state in (HostState.DRAINING, HostState.BANNED) else None
    if goal.state is HostState.DRAINING:
        if state is HostState.BANNED:
            return back if followed else None
        return None if state is HostState.DRAINING else HostState.DRAINING
    if state is HostState.BANNED:
        return None
    if offering.leased(capacity, host).is_empty:
        return HostState.BANNED
    # what its owner drained, the owner must not resume now
    return None if state is HostState.DRAINING and capacity.state_reason in HELD else HostState.DRAINING


def _tell_renters(host: Host, reason: StateReason) -> None:
    """Written before the move: should that be refused or cut off, renters are told again."""
    live = allocations.live_on(host.id)
    for start in range(0, len(live), EVENTS_IN_ONE):
        transaction = Transaction()
        for allocation in live[start : start + EVENTS_IN_ONE]:
            _tell(transaction, allocation, reason)
        transaction.commit()


def _tell(transaction: Transaction, allocation: Allocation, reason: StateReason) -> None:
    event_log.append(
        transaction,
        allocation.user_id,
        EventType.of_workload(allocation.workload_id, WorkloadEvent.HOST_LEAVING),
        allocation.workload_id,
        reason=EventReason(reason),
        actor=ACTOR,
        at=clock.now(),
        detail="The host of this machine leaves. The machine runs on; move what you need and end it.",
    )
