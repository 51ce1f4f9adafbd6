"""What hosts report about workloads: heartbeats, progress and results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sharemtc import clock, queues
from sharemtc.allocations import service as allocations
from sharemtc.hosts import agent_api, alerts, protocol, transitions
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.liveness import heartbeat_parts, heartbeats
from sharemtc.problems import Invalid
from sharemtc.queues import Queue
from sharemtc.risks.kinds import RiskKind
from sharemtc.settings import settings
from sharemtc.wire import (
    PROTOCOL_VERSION,
    AgentClaims,
    CommandResult,
    Heartbeat,
    HeartbeatAnswer,
    HeartbeatProblem,
    Progress,
    Received,
)
from sharemtc.workloads import lifecycle, proofs, reconciliation

if TYPE_CHECKING:
    from sharemtc.hosts.commands.table import Command


def heartbeat(host_id: str, claims: AgentClaims, beat: Heartbeat) -> HeartbeatAnswer:
    """Take the host's heartbeat; answer with what waits for it. A changed list of workloads wakes the reconciler."""
    protocol.demand_supported_host(host_id, beat.protocol_version)
    taken = heartbeats.heartbeat(host_id, claims, beat)
    if heartbeat_parts.description_of(beat) is not None:  # sent by each start of an agent
        protocol.accepted(host_id)
    if taken.workloads_changed:
        ask_to_reconcile({"host_id": host_id})
    # without workloads there is nothing to be paid for and nothing that nobody pays for
    live = allocations.live_on(host_id) if taken.workloads else []
    unclaimed = reconciliation.unclaimed(host_id, taken.workloads, live)
    return HeartbeatAnswer(
        protocol_version=PROTOCOL_VERSION,
        commands=agent_api.handed_out(taken.waiting).commands,
        workloads=reconciliation.paid_until(live),
        orphans=unclaimed.ended,
        unknown=unclaimed.unknown,
        problems=tuple(HeartbeatProblem(**vars(problem)) for problem in taken.problems),
        heartbeat_interval_s=settings().heartbeat_interval_s,
        command_poll_s=settings().command_poll_s,
        telemetry_interval_s=settings().telemetry_interval_s,
        server_time=clock.now(),
    )


def ask_to_reconcile(message: dict[str, str]) -> None:
    """Wake the reconciler. Should the message be lost, its schedule finds the same."""
    queues.send(Queue.RECONCILER, json.dumps(message))


def progress(host_id: str, command_id: str, report: Progress) -> Received:
    """A step has begun. Errors: `HostClosed`; `NotFound` for an order that is not this host's or is over."""
    transitions.demand_open(host_id)
    lifecycle.progress(host_id, commands.of_host(host_id, command_id), report.phase)
    return Received(applied=True)


def result(host_id: str, command_id: str, report: CommandResult) -> Received:
    """An order has ended: keep its result, then wake the execution that waits. Told again, it wakes it again.

    Errors: `NotFound`, `HostClosed`, `Invalid` for what is no one outcome of this order or does not prove it.
    """
    transitions.demand_open(host_id)
    command = commands.of_host(host_id, command_id)
    commands.check_outcome(command, report)
    _demand_fitting(host_id, command, report)
    applied = commands.finish(command, report)
    lifecycle.answer(command)
    return Received(applied=applied)


def _demand_fitting(host_id: str, command: Command, report: CommandResult) -> None:
    """Refuse a proof that does not fit its command; its host's owner and the operators are told."""
    errors = proofs.misfits(command.kind, command.verb, report.proof) if report.proof is not None else ()
    if not errors:
        return
    detail = f"{command.verb} of {command.workload_id}: " + " ".join(error.message for error in errors)
    alerts.send(host_id, RiskKind.PROOF_REFUSED, detail)
    raise Invalid("This does not prove that the command was carried out.", errors=errors)
