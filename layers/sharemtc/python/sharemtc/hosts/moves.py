"""How a host's state is changed: on condition that it still is what was read, and told to its owner."""

from __future__ import annotations

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc.events import service as event_log
from sharemtc.events.data import EventData
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.states import AWAY, SILENCED, TRANSITIONS, HostState, StateReason
from sharemtc.hosts.table import Capacity, Host
from sharemtc.problems import Forbidden
from sharemtc.storage.transactions import Transaction, WriteConflict


class HostClosed(Forbidden):
    """The host was banned or retired."""

    code, title = "host_closed", "This host no longer takes part"


class HostMoved(WriteConflict):
    """The host's state changed first."""

    code, title = "host_moved", "The host's state changed meanwhile"


def move(
    host: Host,
    capacity: Capacity,
    state: HostState,
    *,
    reason: StateReason,
    actor: str,
    at: datetime,
    data: EventData | None = None,
) -> bool:
    """Move the host to `state` if it is still in the state that `capacity` shows; tell its owner. False if it moved."""
    transaction = Transaction()
    add_move(transaction, host, capacity, state, reason=reason, actor=actor, at=at, data=data)
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
    reason: StateReason,
    actor: str,
    at: datetime,
    detail: str = "",
    data: EventData | None = None,
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
        transaction, host.owner_id, EventType(f"host.{state}"), host.id,
        reason=EventReason(reason), actor=actor, at=at, detail=detail, data=data,
    )  # fmt: skip


def add_reason(transaction: Transaction, capacity: Capacity, reason: StateReason) -> None:
    """Let the host be in its state for another reason. Refused: `HostMoved`."""
    transaction.update(
        capacity, [Capacity.state_reason.set(reason)], Capacity.state == capacity.state, refused=HostMoved()
    )
