"""Orders to hosts: issued once, leased to the agent, ended once, and remembered for a week."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.dynamo import Transaction
from sharemtc.hosts.table import Command
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound
from sharemtc.wire import CommandResult, Verb, VmSpec

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
MAX_WAITING = 100


class CommandKnown(Conflict):
    """The command was issued before."""


def command_id(vm_id: str, generation: int, verb: Verb, attempt: int) -> str:
    """The one id of this order, so that a repeated dispatch finds it instead of issuing it twice."""
    text = f"{vm_id}|{generation}|{verb}|{attempt}"
    return f"cmd_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def issue(
    host_id: str,
    vm_id: str,
    verb: Verb,
    *,
    generation: int,
    attempt: int,
    spec: VmSpec | None,
    task_token: str | None,
    time_limit: timedelta,
    request_id: str | None = None,
) -> Command:
    """Queue the order for its host, or find it queued and let the newest waiter have its result."""
    now = clock.now()
    id = command_id(vm_id, generation, verb, attempt)
    command = Command(
        f"COMMAND#{id}",
        "COMMAND",
        id=id,
        host_id=host_id,
        queue=host_id,
        vm_id=vm_id,
        verb=verb,
        generation=generation,
        spec=spec,
        request_id=request_id,
        task_token=task_token,
        created_at=now,
        deadline=now + time_limit,
        expires_at=now + KEPT,
    )
    transaction = Transaction()
    transaction.create(command, refused=CommandKnown())
    try:
        transaction.commit()
    except CommandKnown:
        return _rejoin(command, task_token, now + time_limit)
    return command


def _rejoin(command: Command, task_token: str | None, deadline: datetime) -> Command:
    """Give a known order a new waiter and, if it has not ended, new time."""
    actions: list[Action] = [Command.deadline.set(deadline)]
    if task_token is not None:
        actions.append(Command.task_token.set(task_token))
    try:
        command.update(actions, condition=Command.finished_at.does_not_exist())
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        command.refresh(consistent_read=True)
    return command


def lease_waiting(host_id: str) -> list[Command]:
    """The orders that wait for this host, oldest first, each leased so that it is not handed out twice at once."""
    now = clock.now()
    leased: list[Command] = []
    for command in Command.by_queue.query(host_id, limit=MAX_WAITING):
        if command.deadline <= now or (command.leased_until is not None and command.leased_until > now):
            continue
        free = Command.leased_until.does_not_exist() | (Command.leased_until <= now)
        try:
            command.update(
                [Command.leased_until.set(now + LEASE)], condition=Command.finished_at.does_not_exist() & free
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                continue
            raise
        leased.append(command)
    return leased


def of_host(host_id: str, command_id: str) -> Command:
    """The order, if it is this host's. Errors: `NotFound`, the same for another host's and for none."""
    command = Command.find(f"COMMAND#{command_id}", "COMMAND")
    if command is None or command.host_id != host_id:
        raise NotFound
    return command


def finish(command: Command, result: CommandResult) -> bool:
    """Store the result, once. False when the order had ended before: nothing changes then."""
    if result.generation != command.generation:
        raise Invalid(errors=(FieldError("/generation", "mismatch", "Not the generation of this command."),))
    if (result.proof is None) == (result.failure is None):
        raise Invalid(errors=(FieldError("/proof", "exactly_one", "Send either a proof or a failure."),))
    try:
        command.update(
            [Command.result.set(result), Command.finished_at.set(clock.now()), Command.queue.remove()],
            condition=Command.finished_at.does_not_exist(),
        )
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        command.refresh(consistent_read=True)
        return False
    return True


def withdraw(command_id: str) -> None:
    """Take an order that nobody waits for out of the queue, unless it has ended."""
    command = Command.find(f"COMMAND#{command_id}", "COMMAND")
    if command is None or command.finished_at is not None:
        return
    failure = CommandResult.model_validate(
        {
            "generation": command.generation,
            "failure": {"code": "withdrawn", "detail": "The control plane no longer waits for this command."},
        }
    )
    finish(command, failure)
