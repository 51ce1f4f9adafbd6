"""Reports of hosts about workloads: heartbeats, progress and results."""

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
    """Record the heartbeat and answer it. A changed list of workloads wakes the reconciler."""
    protocol.demand_supported_host(host_id, beat.protocol_version)
    outcome = heartbeats.heartbeat(host_id, claims, beat)
    if heartbeat_parts.description_of(beat) is not None:  # sent whenever an agent starts
        protocol.resolve_unsupported(host_id)
    if outcome.workloads_changed:
        wake_reconciler({"host_id": host_id})
    # without workloads nothing is billed and nothing is unclaimed
    live = allocations.live_on(host_id) if outcome.workloads else []
    unclaimed = reconciliation.unclaimed(host_id, outcome.workloads, live)
    return HeartbeatAnswer(
        protocol_version=PROTOCOL_VERSION,
        commands=agent_api.leased(outcome.waiting).commands,
        workloads=reconciliation.paid_until(live),
        orphans=unclaimed.ended,
        unknown=unclaimed.unknown,
        problems=tuple(HeartbeatProblem(**vars(problem)) for problem in outcome.problems),
        heartbeat_interval_s=settings().heartbeat_interval_s,
        command_poll_s=settings().command_poll_s,
        telemetry_interval_s=settings().telemetry_interval_s,
        server_time=clock.now(),
    )


def wake_reconciler(message: dict[str, str]) -> None:
    """If the message is lost, the reconciler's schedule finds the same work."""
    queues.send(Queue.RECONCILER, json.dumps(message))


def progress(host_id: str, command_id: str, report: Progress) -> Received:
    """Record a step of a command. Errors: `HostClosed`; `NotFound` for another host's or a finished command."""
    transitions.demand_open(host_id)
    lifecycle.progress(host_id, commands.of_host(host_id, command_id), report.phase)
    return Received(applied=True)


def result(host_id: str, command_id: str, report: CommandResult) -> Received:
    """Store a command's result, then wake the waiting execution. Idempotent; each call wakes it again.

    Errors: `NotFound`, `HostClosed`, `Invalid` unless it is exactly one outcome and proves the command.
    """
    transitions.demand_open(host_id)
    command = commands.of_host(host_id, command_id)
    commands.check_outcome(command, report)
    _demand_proof(host_id, command, report)
    applied = commands.finish(command, report)
    lifecycle.answer(command)
    return Received(applied=applied)


def _demand_proof(host_id: str, command: Command, report: CommandResult) -> None:
    """Reject a proof that does not fit its command, and alert the host's owner and operators."""
    errors = proofs.errors_of(command.kind, command.verb, report.proof) if report.proof is not None else ()
    if not errors:
        return
    detail = f"{command.verb} of {command.workload_id}: " + " ".join(error.message for error in errors)
    alerts.send(host_id, RiskKind.PROOF_REFUSED, detail)
    raise Invalid("This does not prove that the command was executed.", errors=errors)
