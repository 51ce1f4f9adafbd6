"""The agent's API: enrollment, commands, self-tests, drain and retirement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sharemtc import clock
from sharemtc.hosts import protocol, self_tests, service, transitions
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.commands.table import Command, Waiting
from sharemtc.hosts.enrollment import service as enrollment
from sharemtc.hosts.liveness import heartbeat_batches, sequences, snapshots
from sharemtc.hosts.liveness.sequences import StaleSequence
from sharemtc.hosts.state_changes import HostClosed, HostEnded
from sharemtc.hosts.states import CLOSED, StateReason
from sharemtc.settings import settings
from sharemtc.wire import (
    PROTOCOL_VERSION,
    AgentClaims,
    Commands,
    EnrollAnswer,
    EnrollRequest,
    Farewell,
    HostStateAnswer,
    Received,
    RetireReceipt,
    SelfTest,
)
from sharemtc.wire import Command as WireCommand


def enroll(request: EnrollRequest, address: str) -> EnrollAnswer:
    """Enroll a host from the client `address`; returns its id and intervals. Errors: `ProtocolUnsupported`."""
    protocol.demand_supported(request.protocol_version)
    host = enrollment.enroll(request, address)
    return EnrollAnswer(
        protocol_version=PROTOCOL_VERSION,
        host_id=host.id,
        heartbeat_interval_s=settings().heartbeat_interval_s,
        command_poll_s=settings().command_poll_s,
        telemetry_interval_s=settings().telemetry_interval_s,
        server_time=clock.now(),
    )


def keep_self_test(host_id: str, claims: AgentClaims, test: SelfTest) -> Received:
    """Store a self-test. Errors: `HostClosed`, `StaleSequence`, `Invalid` naming a time."""
    sequences.spend(host_id, claims.seq)
    return Received(applied=self_tests.record(service.find(host_id), test))


def drain(host_id: str, claims: AgentClaims, farewell: Farewell) -> HostStateAnswer:
    """Drain the host at its own request. Errors: `HostClosed`, `StaleSequence`."""
    host = service.find(host_id)
    transitions.demand_open(host.id)
    sequences.spend(host_id, claims.seq)
    state = transitions.drain(host, reason=StateReason.AGENT, actor=host.id, detail=farewell.reason)
    return HostStateAnswer(state=state)


def retire(host_id: str, claims: AgentClaims, farewell: Farewell) -> RetireReceipt:
    """Retire the host for good. Errors: `WorkloadsLeft`; `HostClosed` for a banned host; `StaleSequence`."""
    host = service.find(host_id)
    sequences.spend(host_id, claims.seq)
    try:
        retired_at = transitions.retire(host, reason=StateReason.AGENT, actor=host.id, detail=farewell.reason)
    except HostEnded as error:
        raise HostClosed from error
    return RetireReceipt(host_id=host.id, retired_at=retired_at)


def waiting_commands(host_id: str, claims: AgentClaims) -> Commands:
    """Lease the host's queued commands to it. Errors: `HostClosed`; `StaleSequence` when older than a heartbeat."""
    heartbeat_batches.buffer().write_due(clock.to_ms(clock.now()))
    snapshot = snapshots.read_snapshot(host_id)
    if snapshot.capacity.state in CLOSED:
        raise HostClosed
    if claims.seq <= snapshot.last_heartbeat.seq:
        raise StaleSequence
    return leased(snapshot.waiting[: commands.MAX_WAITING])


def leased(waiting: Iterable[Waiting]) -> Commands:
    """Lease these commands to their host."""
    return Commands(commands=tuple(_to_wire(*one) for one in commands.lease(waiting)))


def _to_wire(command: Command, lease_until: datetime) -> WireCommand:
    return WireCommand(
        id=command.id,
        workload_id=command.workload_id,
        kind=command.kind,
        verb=command.verb,
        generation=command.generation,
        spec=command.spec,
        request_id=command.request_id,
        lease_until=lease_until,
        deadline=command.deadline,
    )
