"""Commands to hosts: issued once, leased to the agent, finished once, and kept for a week."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts.commands.table import Command, Waiting
from sharemtc.hosts.table import host_key
from sharemtc.ids import IdKind
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound
from sharemtc.storage.transactions import Transaction
from sharemtc.wire import CommandResult, Spec, Verb, WorkloadKind

LEASE = timedelta(seconds=30)
RETENTION = timedelta(days=7)
MAX_WAITING = 100


class Leased(NamedTuple):
    """A command that its host has leased until `until`."""

    command: Command
    until: datetime


class CommandExists(Conflict):
    """The command was issued before."""


class CommandFinished(Conflict):
    """The command already has its result."""


def command_id(workload_id: str, generation: int, verb: Verb, attempt: int) -> str:
    """The same id for every dispatch of a command, so that a repeated one finds it instead of issuing it twice."""
    text = f"{workload_id}|{generation}|{verb}|{attempt}"
    return f"{IdKind.COMMAND}_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def issue(
    host_id: str,
    workload_id: str,
    kind: WorkloadKind,
    verb: Verb,
    *,
    generation: int,
    attempt: int,
    spec: Spec | None,
    task_token: str | None,
    time_limit: timedelta,
    request_id: str | None = None,
) -> Command:
    """Queue the command, or find it queued and give its result to the newest `task_token`."""
    now = clock.now()
    id = command_id(workload_id, generation, verb, attempt)
    command = Command(
        f"COMMAND#{id}",
        "COMMAND",
        id=id,
        host_id=host_id,
        workload_id=workload_id,
        kind=kind,
        verb=verb,
        generation=generation,
        spec=spec,
        request_id=request_id,
        task_token=task_token,
        created_at=now,
        deadline=now + time_limit,
        expires_at=now + RETENTION,
    )
    transaction = Transaction()
    transaction.create(command, refused=CommandExists())
    transaction.put(_waiting(command))
    try:
        transaction.commit()
    except CommandExists:
        return _rejoin(command, task_token, now + time_limit)
    return command


def _rejoin(command: Command, task_token: str | None, deadline: datetime) -> Command:
    """Store the new task token of a known command and, if it has not finished, its new deadline."""
    actions: list[Action] = [Command.deadline.set(deadline)]
    if task_token is not None:
        actions.append(Command.task_token.set(task_token))
    transaction = Transaction()
    transaction.update(command, actions, Command.finished_at.does_not_exist(), refused=CommandFinished())
    waiting = _waiting(command)
    renewed: list[Action] = [
        Waiting.command_id.set(command.id),
        Waiting.created_at.set(Waiting.created_at | waiting.created_at),
        Waiting.deadline.set(deadline),
    ]
    transaction.update(waiting, renewed)
    with contextlib.suppress(CommandFinished):
        transaction.commit()
    command.refresh(consistent_read=True)
    return command


def _waiting(command: Command) -> Waiting:
    return Waiting(
        host_key(command.host_id),
        f"COMMAND#{command.id}",
        command_id=command.id,
        created_at=command.created_at,
        deadline=command.deadline,
    )


def can_be_leased(waiting: Waiting, now: datetime) -> bool:
    """Whether the command has time left and is not leased."""
    return waiting.deadline > now and (waiting.leased_until is None or waiting.leased_until <= now)


def lease(waiting: Iterable[Waiting]) -> list[Leased]:
    """The commands behind `waiting`, oldest first, each leased by a conditional write."""
    now = clock.now()
    leased: list[Leased] = []
    for one in sorted(waiting, key=lambda one: (one.created_at, one.command_id)):
        if not can_be_leased(one, now):
            continue
        free = Waiting.leased_until.does_not_exist() | (Waiting.leased_until <= now)
        if not one.update_if([Waiting.leased_until.set(now + LEASE)], Waiting.pk.exists() & free):
            continue
        command = find(one.command_id)
        if command is not None and command.finished_at is None:
            leased.append(Leased(command, now + LEASE))
    return leased


def find(command_id: str) -> Command | None:
    """The command, or None."""
    return Command.find(f"COMMAND#{command_id}", "COMMAND")


def of_host(host_id: str, command_id: str) -> Command:
    """The command of this host. Errors: `NotFound`, also for another host's."""
    command = find(command_id)
    if command is None or command.host_id != host_id:
        raise NotFound
    return command


def check_outcome(command: Command, result: CommandResult) -> None:
    """Errors: `Invalid` unless the result holds one outcome of the command's current generation."""
    if result.generation != command.generation:
        raise Invalid(errors=(FieldError("/generation", "mismatch", "This is not the command's generation."),))
    if (result.proof is None) == (result.failure is None):
        raise Invalid(errors=(FieldError("/proof", "exactly_one", "Send either a proof or a failure."),))


def finish(command: Command, result: CommandResult) -> bool:
    """Store the result once; False when the command had finished before. Errors: `Invalid`."""
    check_outcome(command, result)
    transaction = Transaction()
    ended: list[Action] = [Command.result.set(result), Command.finished_at.set(clock.now())]
    transaction.update(command, ended, Command.finished_at.does_not_exist(), refused=CommandFinished())
    transaction.delete(_waiting(command))
    try:
        transaction.commit()
    except CommandFinished:
        applied = False
    else:
        applied = True
    command.refresh(consistent_read=True)
    return applied


def withdraw(command_id: str) -> None:
    """Finish a queued command for which nothing waits any more."""
    command = find(command_id)
    if command is None or command.finished_at is not None:
        return
    failure = CommandResult.model_validate(
        {
            "generation": command.generation,
            "failure": {"code": "withdrawn", "detail": "The control plane no longer waits for this command."},
        }
    )
    finish(command, failure)
