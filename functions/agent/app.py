"""/v1/agent: signed reports of hosts, and their commands."""

from sharemtc.hosts import agent_api, signatures
from sharemtc.hosts.enrollment.attempts import CodeRefused, TooManyCodes
from sharemtc.hosts.liveness import heartbeat_parts
from sharemtc.hosts.liveness.heartbeats import KeyCopied
from sharemtc.hosts.liveness.sequences import StaleSequence
from sharemtc.hosts.protocol import ProtocolUnsupported, without_unknown
from sharemtc.hosts.providers.service import TooManyHosts
from sharemtc.hosts.state_changes import HostClosed
from sharemtc.hosts.transitions import WorkloadsLeft
from sharemtc.http.api import Api, Request
from sharemtc.principals import HOSTS, Principal
from sharemtc.problems import NotFound
from sharemtc.wire import (
    MAX_BODY_BYTES,
    CommandResult,
    Commands,
    EnrollAnswer,
    EnrollRequest,
    Farewell,
    Heartbeat,
    HeartbeatAnswer,
    HostStateAnswer,
    Progress,
    Received,
    RetireReceipt,
    SelfTest,
)
from sharemtc.workloads import agent_reports

app = Api("agent", authenticate=signatures.authenticate)


@app.operation(
    "POST",
    "/v1/agent/enroll",
    status=201,
    public=True,
    errors=(CodeRefused, TooManyCodes, TooManyHosts, ProtocolUnsupported, signatures.WrongSignature),
    max_body_bytes=MAX_BODY_BYTES,
    salvage=without_unknown(EnrollRequest),
)
def enroll(request: Request, body: EnrollRequest) -> EnrollAnswer:
    """Enroll a host with a single-use code and its public key."""
    signatures.check_enrollment(request, body.public_key)
    return agent_api.enroll(body, request.source_ip)


@app.operation(
    "POST",
    "/v1/agent/heartbeat",
    roles=HOSTS,
    quiet=True,
    errors=(StaleSequence, KeyCopied, HostClosed, ProtocolUnsupported),
    max_body_bytes=MAX_BODY_BYTES,
    salvage=heartbeat_parts.read_partial,
)
def heartbeat(caller: Principal, request: Request, body: Heartbeat) -> HeartbeatAnswer:
    """Renew the host's lease.

    The response has the waiting commands, and until when each workload is paid. Workloads, GPUs and other items of the
    inventory that are rejected are named in `problems`; the rest is accepted.
    """
    return agent_reports.heartbeat(caller.host_id, signatures.claims_of(request), body)


@app.operation("GET", "/v1/agent/commands", roles=HOSTS, quiet=True, errors=(HostClosed, StaleSequence))
def list_commands(caller: Principal, request: Request) -> Commands:
    """List the commands that wait for the host, and lease them to it."""
    return agent_api.waiting_commands(caller.host_id, signatures.claims_of(request))


@app.operation(
    "POST",
    "/v1/agent/commands/{command_id}/progress",
    roles=HOSTS,
    errors=(NotFound, HostClosed),
    salvage=without_unknown(Progress),
)
def report_progress(caller: Principal, command_id: str, body: Progress) -> Received:
    """Report that a step of a command has started."""
    return agent_reports.progress(caller.host_id, command_id, body)


@app.operation(
    "POST",
    "/v1/agent/commands/{command_id}/result",
    roles=HOSTS,
    errors=(NotFound, HostClosed),
    salvage=without_unknown(CommandResult),
)
def report_result(caller: Principal, command_id: str, body: CommandResult) -> Received:
    """Report the result of a command: its proof or its failure."""
    return agent_reports.result(caller.host_id, command_id, body)


@app.operation(
    "POST",
    "/v1/agent/self-test",
    roles=HOSTS,
    errors=(HostClosed, StaleSequence),
    max_body_bytes=MAX_BODY_BYTES,
    salvage=without_unknown(SelfTest),
)
def report_self_test(caller: Principal, request: Request, body: SelfTest) -> Received:
    """Report a self-test.

    `applied` is false when the same report was just received.
    """
    return agent_api.keep_self_test(caller.host_id, signatures.claims_of(request), body)


@app.operation(
    "POST",
    "/v1/agent/drain",
    roles=HOSTS,
    errors=(HostClosed, StaleSequence),
    salvage=without_unknown(Farewell),
)
def drain(caller: Principal, request: Request, body: Farewell) -> HostStateAnswer:
    """Drain the host.

    It gets no new workloads until its owner ends the drain.
    """
    return agent_api.drain(caller.host_id, signatures.claims_of(request), body)


@app.operation(
    "POST",
    "/v1/agent/retire",
    roles=HOSTS,
    errors=(HostClosed, StaleSequence, WorkloadsLeft),
    salvage=without_unknown(Farewell),
)
def retire(caller: Principal, request: Request, body: Farewell) -> RetireReceipt:
    """Retire the host.

    It must have no workloads; otherwise it drains. The response is a receipt.
    """
    return agent_api.retire(caller.host_id, signatures.claims_of(request), body)
