"""/v1/agent: what hosts say, signed with their own keys, and the orders they get."""

from sharemtc.hosts import agent_api, signatures
from sharemtc.hosts.enrollment.attempts import CodeRefused, TooManyCodes
from sharemtc.hosts.liveness import heartbeat_parts
from sharemtc.hosts.liveness.heartbeats import KeyCopied
from sharemtc.hosts.liveness.sequences import StaleSequence
from sharemtc.hosts.moves import HostClosed
from sharemtc.hosts.protocol import ProtocolUnsupported, without_unknown
from sharemtc.hosts.providers.service import TooManyHosts
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
    """Exchange a single-use code and a public key for a host's id."""
    signatures.check_enrollment(request, body.public_key)
    return agent_api.enroll(body, request.source_ip)


@app.operation(
    "POST",
    "/v1/agent/heartbeat",
    roles=HOSTS,
    quiet=True,
    errors=(StaleSequence, KeyCopied, HostClosed, ProtocolUnsupported),
    max_body_bytes=MAX_BODY_BYTES,
    salvage=heartbeat_parts.salvage,
)
def heartbeat(caller: Principal, request: Request, body: Heartbeat) -> HeartbeatAnswer:
    """Renew the host's lease; get the orders that wait, and until when each workload is paid.

    A workload, a GPU or another item of the inventory that is refused is named in `problems`; all else is taken.
    """
    return agent_reports.heartbeat(caller.host_id, signatures.claims_of(request), body)


@app.operation("GET", "/v1/agent/commands", roles=HOSTS, quiet=True, errors=(HostClosed, StaleSequence))
def list_commands(caller: Principal, request: Request) -> Commands:
    """The orders that wait for the host, each leased to it."""
    return agent_api.waiting_commands(caller.host_id, signatures.claims_of(request))


@app.operation(
    "POST",
    "/v1/agent/commands/{command_id}/progress",
    roles=HOSTS,
    errors=(NotFound, HostClosed),
    salvage=without_unknown(Progress),
)
def report_progress(caller: Principal, command_id: str, body: Progress) -> Received:
    """A step of an order has begun."""
    return agent_reports.progress(caller.host_id, command_id, body)


@app.operation(
    "POST",
    "/v1/agent/commands/{command_id}/result",
    roles=HOSTS,
    errors=(NotFound, HostClosed),
    salvage=without_unknown(CommandResult),
)
def report_result(caller: Principal, command_id: str, body: CommandResult) -> Received:
    """An order has ended, with its proof or its failure."""
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
    """What the host tried on itself; `applied` is false for one that was just told."""
    return agent_api.keep_self_test(caller.host_id, signatures.claims_of(request), body)


@app.operation(
    "POST",
    "/v1/agent/drain",
    roles=HOSTS,
    errors=(HostClosed, StaleSequence),
    salvage=without_unknown(Farewell),
)
def drain(caller: Principal, request: Request, body: Farewell) -> HostStateAnswer:
    """The host asks to take no new work. Its owner can let it work again."""
    return agent_api.drain(caller.host_id, signatures.claims_of(request), body)


@app.operation(
    "POST",
    "/v1/agent/retire",
    roles=HOSTS,
    errors=(HostClosed, StaleSequence, WorkloadsLeft),
    salvage=without_unknown(Farewell),
)
def retire(caller: Principal, request: Request, body: Farewell) -> RetireReceipt:
    """The host leaves for good, with a receipt. Nothing of it may be leased; it drains from then on if something is."""
    return agent_api.retire(caller.host_id, signatures.claims_of(request), body)
