"""Changes of a host's state: conditional on the state that was read, with an event for the owner."""

from __future__ import annotations

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc.events import service as event_log
from sharemtc.events.data import EventData
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.states import AWAY, SILENCE_STATES, TRANSITIONS, HostState, StateReason
from sharemtc.hosts.table import Capacity, Host
from sharemtc.problems import Conflict, Forbidden
from sharemtc.storage.transactions import Transaction, WriteConflict


class HostClosed(Forbidden):
    """The host was banned or retired."""

    code, title = "host_closed", "This host is retired or banned"


class HostEnded(Conflict):
    """The host was retired, banned or declared lost, and can no longer be changed."""

    code, title = "host_ended", "This host is retired or banned"


class HostStateConflict(WriteConflict):
    """The host's state changed since it was read."""

    code, title = "host_moved", "The host's state changed meanwhile"


def change_state(
    host: Host,
    capacity: Capacity,
    state: HostState,
    *,
    reason: StateReason,
    actor: str,
    at: datetime,
    data: EventData | None = None,
) -> bool:
    """Change the host's state if it is still the one in `capacity`, with an event. False if it was not."""
    transaction = Transaction()
    add_state_change(transaction, host, capacity, state, reason=reason, actor=actor, at=at, data=data)
    try:
        transaction.commit()
    except HostStateConflict:
        return False
    return True


def add_state_change(
    transaction: Transaction,
    host: Host,
    capacity: Capacity,
    state: HostState,
    *,
    reason: StateReason,
    actor: str,
    at: datetime,
    detail: str = "",
    data: EventData | None = None,
    condition: Condition | None = None,
) -> None:
    """Add the change of state to the transaction, if `condition` holds too. Refused: `HostStateConflict`."""
    assert state in TRANSITIONS[capacity.state], (capacity.state, state)
    actions: list[Action] = [
        Capacity.state.set(state),
        Capacity.state_reason.set(reason),
        Capacity.state_at.set(at),
    ]
    # placements decided before a host went away do not hold after it returns; a short silence does not count
    if capacity.state in AWAY and state in SILENCE_STATES:
        actions.append(Capacity.epoch.set(Capacity.epoch + 1))
    still = Capacity.state == capacity.state
    if condition is not None:
        still &= condition
    transaction.update(capacity, actions, still, refused=HostStateConflict())
    event_log.append(
        transaction, host.owner_id, EventType(f"host.{state}"), host.id,
        reason=EventReason(reason), actor=actor, at=at, detail=detail, data=data,
    )  # fmt: skip


def add_reason(transaction: Transaction, capacity: Capacity, reason: StateReason) -> None:
    """Store another reason for the same state. Refused: `HostStateConflict`."""
    transaction.update(
        capacity, [Capacity.state_reason.set(reason)], Capacity.state == capacity.state, refused=HostStateConflict()
    )
