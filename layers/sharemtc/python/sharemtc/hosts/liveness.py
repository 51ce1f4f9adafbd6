"""Whether hosts live: the heartbeat that renews a lease, and the sweep that notices silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.dynamo import Moved, Transaction
from sharemtc.events import service as event_log
from sharemtc.hosts.describing import describe
from sharemtc.hosts.states import AWAY, CLOSED, SILENCED, TRANSITIONS, HostState, StateReason, due
from sharemtc.hosts.table import Capacity, Host, Lease, host_key
from sharemtc.problems import Conflict, Forbidden, NotFound
from sharemtc.settings import settings
from sharemtc.wire import Heartbeat, Workload

# A lease is renewed in storage when this share of it is used up; a fresher heartbeat that tells nothing new is free.
RENEW_SHARE = 0.3
RETURNING = frozenset({HostState.ENROLLED, HostState.SUSPECT, HostState.OFFLINE})


class StaleSequence(Conflict):
    """A replayed or reordered heartbeat: nothing changes."""

    code, title = "stale_sequence", "A newer heartbeat is known already"


class HostClosed(Forbidden):
    """The host was banned or retired."""

    code, title = "host_closed", "This host no longer takes part"


class HostMoved(Moved):
    """The host's state changed first."""

    code, title = "host_moved", "The host's state changed meanwhile"


@dataclass(frozen=True)
class Beat:
    """What a heartbeat came to: the lease before it, and whether the list of workloads changed."""

    lease: Lease
    workloads_changed: bool


def heartbeat(host: Host, seq: int, beat: Heartbeat) -> Beat:
    """Take a host's word. At most one small write, none when it tells nothing new and the lease is fresh.

    Errors: `StaleSequence`, `HostClosed`, `Invalid` for an inventory that cannot be true.
    """
    now = clock.now()
    lease = Lease.get(host.pk, "LEASE", consistent_read=True)
    capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
    if capacity.state in CLOSED:
        raise HostClosed
    if seq <= lease.seq:
        raise StaleSequence
    changed = _by_id(beat.workloads) != _by_id(lease.workloads)
    if beat.inventory is not None and beat.inventory != host.inventory:
        describe(host, beat.inventory)
    if changed or _due(lease.last_seen_at, now):
        _renew(lease, seq, beat, now, changed)
    if capacity.state in RETURNING:
        window = host.maintenance is not None and host.maintenance.covers(now)
        state = HostState.MAINTENANCE if window else HostState.READY
        move(host, capacity, state, reason=StateReason.HEARTBEAT, actor=host.id, at=now)
    return Beat(lease, changed)


def _by_id(workloads: tuple[Workload, ...]) -> list[Workload]:
    return sorted(workloads, key=lambda workload: workload.id)


def _due(last_seen_at: datetime | None, now: datetime) -> bool:
    renew_after = timedelta(seconds=settings().host_offline_after_s * RENEW_SHARE)
    return last_seen_at is None or now - last_seen_at >= renew_after


def _renew(lease: Lease, seq: int, beat: Heartbeat, now: datetime, changed: bool) -> None:
    actions: list[Action] = [Lease.seq.set(seq), Lease.last_seen_at.set(now), Lease.figures.set(beat.figures)]
    if changed:
        actions += [Lease.workloads.set(beat.workloads), Lease.proved_until.set(lease.last_seen_at or now)]
    try:
        Lease(lease.pk, "LEASE").update(actions, condition=Lease.seq < seq)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            raise StaleSequence from error
        raise


def move(
    host: Host, capacity: Capacity, state: HostState, *, reason: str, actor: str, at: datetime, detail: str = ""
) -> bool:
    """Move the host to `state` if it is still in the state that `capacity` shows; tell its owner. False if it moved."""
    transaction = Transaction()
    add_move(transaction, host, capacity, state, reason=reason, actor=actor, at=at, detail=detail)
    try:
        transaction.commit()
    except HostMoved:
        return False
    return True


def add_move(
    transaction: Transaction,
    host: Host,
    capacity: Capacity,
    state: HostState,
    *,
    reason: str,
    actor: str,
    at: datetime,
    detail: str = "",
    condition: Condition | None = None,
) -> None:
    """Move the host with what else the transaction does, if `condition` holds too. Refused: `HostMoved`."""
    assert state in TRANSITIONS[capacity.state], (capacity.state, state)
    actions: list[Action] = [
        Capacity.state.set(state),
        Capacity.state_reason.set(reason),
        Capacity.state_at.set(at),
    ]
    # what was decided of the host before it went away does not hold after; a short silence is no going away
    if capacity.state in AWAY and state in SILENCED:
        actions.append(Capacity.epoch.set(Capacity.epoch + 1))
    still = Capacity.state == capacity.state
    if condition is not None:
        still &= condition
    transaction.update(capacity, actions, still, refused=HostMoved())
    event_log.append(
        transaction, host.owner_id, f"host.{state}", host.id, reason=reason, actor=actor, at=at, detail=detail
    )


def sweep(shard: str) -> int:
    """Judge every host of one shard by its silence; the number of hosts that changed state."""
    now, moved = clock.now(), 0
    for host in Host.by_shard.query(shard):
        capacity, lease = read_state(host.id)
        step = due(capacity.state, lease.last_seen_at, now, settings(), host.maintenance)
        if step is not None:
            moved += move(host, capacity, step[0], reason=step[1], actor="liveness", at=now)
    return moved


def read_state(host_id: str) -> tuple[Capacity, Lease]:
    """A host's counters and its last word."""
    key = host_key(host_id)
    capacity, lease = Capacity.find(key, "CAPACITY"), Lease.find(key, "LEASE")
    if capacity is None or lease is None:
        raise NotFound
    return capacity, lease


def proven_until(lease: Lease, now: datetime) -> datetime | None:
    """Until when the host's word covers its workloads: now while its lease is fresh, else when it was last heard."""
    if lease.last_seen_at is None:
        return None
    fresh = clock.elapsed_ms(lease.last_seen_at, now) <= settings().host_suspect_after_s * 1000
    return max(now, lease.last_seen_at) if fresh else lease.last_seen_at
