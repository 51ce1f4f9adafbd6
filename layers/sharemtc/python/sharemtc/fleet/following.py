"""Hosts follow their provider's state: drained with it, shut out with it, back with it.

A banned provider's host that carries nothing is banned at once. One that carries something drains first: it is still
heard and obeys, so that renters can stop and end what they have there, and they are told. What runs is not killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sharemtc import clock
from sharemtc.allocations import service as allocations
from sharemtc.allocations.table import Allocation
from sharemtc.dynamo import Transaction, batch_find, decide_again
from sharemtc.events import service as event_log
from sharemtc.hosts import selling
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.liveness import add_move, read_state
from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import WITH_PROVIDER, HostState, StateReason, open_state
from sharemtc.hosts.table import Capacity, Host, Lease, Provider, provider_key
from sharemtc.settings import settings

EVENTS_IN_ONE = 25
ACTOR = "operator"
# banned, back, drained: no host takes more moves to where its provider stands
MAX_MOVES = 3


def follow(provider: Provider) -> int:
    """Move each of the provider's hosts to where the provider stands; how many moved. Done again, it does the rest."""
    moved = 0
    for host in Host.by_owner.query(provider.id):
        for _ in range(MAX_MOVES):
            if not decide_again(partial(_follow, host, provider)):
                break
            moved += 1
    return moved


def follow_all(standings: Iterable[Standing]) -> int:
    """Let hosts follow their providers where an act was cut off, or waited for what ran to end; how many moved."""
    marked: set[str] = set()
    owners: set[str] = set()
    for at in standings:
        owners.add(at.host.owner_id)
        if at.capacity.state_reason in WITH_PROVIDER:
            marked.add(at.host.owner_id)
    keys = [(provider_key(owner_id), "PROVIDER") for owner_id in sorted(owners)]
    known = batch_find(Provider, keys).values() if keys else []
    apart = [one for one in known if one.id in marked or one.draining or one.state is ProviderState.BANNED]
    return sum(follow(provider) for provider in apart)


def _follow(host: Host, provider: Provider) -> bool:
    capacity, lease = read_state(host.id)
    found = _next_state(host, provider, capacity, lease)
    if found is None:
        return False
    state, reason = found
    if provider.state is ProviderState.BANNED and state is HostState.DRAINING:
        _tell_renters(host)
    # a ban shuts out what carries nothing, at the moment of the write
    condition = selling.nothing_leased(capacity, host) if state is HostState.BANNED else None
    transaction = Transaction()
    add_move(
        transaction,
        host,
        capacity,
        state,
        reason=reason,
        actor=ACTOR,
        at=clock.now(),
        detail=provider.state_reason,
        condition=condition,
    )
    transaction.commit()
    return True


def _next_state(
    host: Host, provider: Provider, capacity: Capacity, lease: Lease
) -> tuple[HostState, StateReason] | None:
    """The host's next state on the way to where its provider stands; None when it is there."""
    state = capacity.state
    if state is HostState.RETIRED or (state is HostState.BANNED and capacity.state_reason not in WITH_PROVIDER):
        return None
    if provider.state is ProviderState.BANNED:
        if state is HostState.BANNED:
            return None
        if selling.leased(capacity, host).is_empty:
            return HostState.BANNED, StateReason.PROVIDER_BANNED
        return None if state is HostState.DRAINING else (HostState.DRAINING, StateReason.PROVIDER_BANNED)
    if provider.draining and state is not HostState.BANNED:
        return None if state is HostState.DRAINING else (HostState.DRAINING, StateReason.PROVIDER_DRAINED)
    if capacity.state_reason in WITH_PROVIDER and state in (HostState.DRAINING, HostState.BANNED):
        return open_state(lease.last_seen_at, clock.now(), settings(), host.maintenance), StateReason.OPERATOR
    return None


def _tell_renters(host: Host) -> None:
    """Written before the move: should that be refused or cut off, renters are told again."""
    live = allocations.live_on(host.id)
    for start in range(0, len(live), EVENTS_IN_ONE):
        transaction = Transaction()
        for allocation in live[start : start + EVENTS_IN_ONE]:
            _tell(transaction, allocation)
        transaction.commit()


def _tell(transaction: Transaction, allocation: Allocation) -> None:
    event_log.append(
        transaction,
        allocation.user_id,
        f"{allocation.workload_id.partition('_')[0]}.host_leaving",
        allocation.workload_id,
        reason=StateReason.PROVIDER_BANNED,
        actor=ACTOR,
        at=clock.now(),
        detail="The provider of this machine takes part no longer. It runs on; move what you need and end it.",
    )
