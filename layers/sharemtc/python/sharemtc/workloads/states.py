"""A workload's states: desired, proven, and what follows from both. Pure rules.

`desired`, `observed` and the `operation` in progress are stored; `status`, the allowed `actions` and the phase timeline
are derived from them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sharemtc import clock
from sharemtc.hosts.states import HostState
from sharemtc.wire import Verb


class Desired(StrEnum):
    """The state that the user wants."""

    RUNNING = "running"
    STOPPED = "stopped"
    GONE = "gone"


class Observed(StrEnum):
    """The state that the host has proved."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPED = "stopped"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


class Status(StrEnum):
    """The state shown to users."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    STARTING = "starting"
    REBOOTING = "rebooting"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


# after this silence of its host, the owner may declare a workload lost
LOST_AFTER = timedelta(hours=24)
ENDED = frozenset({Observed.TERMINATED, Observed.FAILED, Observed.LOST})

ACTIONS: dict[Status, tuple[Verb, ...]] = {
    Status.PENDING: (Verb.TERMINATE,),
    Status.PROVISIONING: (Verb.TERMINATE,),
    Status.RUNNING: (Verb.STOP, Verb.REBOOT, Verb.TERMINATE),
    Status.STOPPING: (Verb.TERMINATE,),
    Status.STOPPED: (Verb.START, Verb.TERMINATE),
    Status.STARTING: (Verb.TERMINATE,),
    Status.REBOOTING: (Verb.TERMINATE,),
}

DESIRED_AFTER = {
    Verb.CREATE: Desired.RUNNING,
    Verb.START: Desired.RUNNING,
    Verb.REBOOT: Desired.RUNNING,
    Verb.STOP: Desired.STOPPED,
    Verb.TERMINATE: Desired.GONE,
}

_IN_PROGRESS = {
    Verb.CREATE: Status.PROVISIONING,
    Verb.START: Status.STARTING,
    Verb.STOP: Status.STOPPING,
    Verb.REBOOT: Status.REBOOTING,
    Verb.TERMINATE: Status.TERMINATING,
}


def status(observed: Observed, operation: Verb | None) -> Status:
    """The status: that of the operation in progress, else the proven state."""
    if observed in ENDED or operation is None:
        return Status(observed)
    if operation is Verb.CREATE and observed is Observed.PENDING:
        return Status.PENDING
    return _IN_PROGRESS[operation]


# hosts in these states accept commands
ACCEPT_COMMANDS = frozenset({HostState.READY, HostState.MAINTENANCE, HostState.DRAINING})


def actions(now: Status, host: HostState, verbs: Container[Verb] = frozenset(Verb)) -> tuple[Verb, ...]:
    """The `verbs` allowed now: a start requires a ready host, a reboot one that accepts commands."""
    allowed = tuple(verb for verb in ACTIONS.get(now, ()) if verb in verbs)
    if host is HostState.READY:
        return allowed
    return tuple(
        verb for verb in allowed if verb is not Verb.START and (verb is not Verb.REBOOT or host in ACCEPT_COMMANDS)
    )


class PhaseState(StrEnum):
    """The progress of a phase."""

    DONE = "done"
    ACTIVE = "active"
    WAITING = "waiting"
    FAILED = "failed"


class Phase(NamedTuple):
    """A step of the boot timeline, with its duration so far."""

    name: str
    state: PhaseState
    started_at: datetime | None
    elapsed_ms: int | None


def phases(starts: Mapping[str, datetime | None], *, over_at: datetime | None, now: datetime) -> list[Phase]:
    """The timeline, from each phase's start, in order; the last phase is a goal without duration.

    A skipped phase (no preparation for a restart) is done and took no time. `over_at` is when the attempt ended without
    reaching the goal.
    """
    names = list(starts)
    begun = [name for name in names if starts[name] is not None]
    current = begun[-1] if begun else None
    reached = names.index(current) if current else -1
    rows = []
    for index, name in enumerate(names):
        start = starts[name]
        if start is None:
            rows.append(Phase(name, PhaseState.DONE if index < reached else PhaseState.WAITING, None, None))
            continue
        later_starts = [starts[later] for later in names[index + 1 :]]
        end = next((instant for instant in later_starts if instant is not None), None)
        if name == names[-1]:
            rows.append(Phase(name, PhaseState.DONE, start, None))
        elif name == current and over_at is not None:
            rows.append(Phase(name, PhaseState.FAILED, start, clock.elapsed_ms(start, over_at)))
        else:
            state = PhaseState.ACTIVE if name == current else PhaseState.DONE
            rows.append(Phase(name, state, start, clock.elapsed_ms(start, end or now)))
    return rows
