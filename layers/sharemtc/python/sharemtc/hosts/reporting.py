"""What a machine is told: how to join, its id, its pace, its orders."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.dynamo import Transaction
from sharemtc.hosts import commands, enrolment
from sharemtc.hosts.schemas import EnrollmentCodeView
from sharemtc.hosts.table import Command
from sharemtc.idempotency import Claim
from sharemtc.settings import settings
from sharemtc.wire import Command as Order
from sharemtc.wire import Commands, EnrollAnswer, EnrollRequest


def offer_code(owner_id: str, name: str | None, claim: Claim) -> EnrollmentCodeView:
    """A new code with the command that uses it. The command reads the code from its input, never its arguments."""
    transaction = Transaction()
    code, expires_at = enrolment.issue_code(transaction, owner_id, name)
    command = f"echo {code} | sharemtc-agent enroll --url {settings().public_url} --code-file - && sharemtc-agent run"
    view = EnrollmentCodeView(code=code, expires_at=expires_at, install_command=command)
    claim.record(transaction, view)
    transaction.commit()
    return view


def enroll(request: EnrollRequest) -> EnrollAnswer:
    """Enrol the machine; its id and its pace."""
    host = enrolment.enroll(request)
    return EnrollAnswer(
        host_id=host.id,
        heartbeat_interval_s=settings().heartbeat_interval_s,
        command_poll_s=settings().command_poll_s,
        telemetry_interval_s=settings().telemetry_interval_s,
        server_time=clock.now(),
    )


def waiting_commands(host_id: str) -> Commands:
    """The orders that wait for the host, leased to it."""
    return Commands(commands=tuple(order_of(command) for command in commands.lease_waiting(host_id)))


def order_of(command: Command) -> Order:
    """A stored command as its host reads it."""
    assert command.leased_until is not None
    return Order(
        id=command.id,
        vm_id=command.vm_id,
        verb=command.verb,
        generation=command.generation,
        spec=command.spec,
        request_id=command.request_id,
        lease_until=command.leased_until,
        deadline=command.deadline,
    )
