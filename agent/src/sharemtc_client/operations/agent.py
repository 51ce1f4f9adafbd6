"""The operations under /v1/agent. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc.wire import (
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
    TelemetryAnswer,
    TelemetryBatch,
)
from sharemtc_client.calls import Call, segment


def drain(body: Farewell) -> Call[HostStateAnswer]:
    """The host asks to take no new work. Its owner can let it work again.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/drain", HostStateAnswer, body=body)


def enroll(body: EnrollRequest) -> Call[EnrollAnswer]:
    """Exchange a single-use code and a public key for a host's id.

    Errors: `protocol_unsupported`, `too_many_hosts`, `storage_full`.
    """
    return Call("POST", "/v1/agent/enroll", EnrollAnswer, body=body)


def heartbeat(body: Heartbeat) -> Call[HeartbeatAnswer]:
    """Renew the host's lease; get the orders that wait, and until when each workload is paid.

    A workload, a GPU or another item of the inventory that is refused is named in `problems`; all else is taken.

    Errors: `key_copied`, `protocol_unsupported`, `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/heartbeat", HeartbeatAnswer, body=body)


def list_commands() -> Call[Commands]:
    """The orders that wait for the host, each leased to it.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("GET", "/v1/agent/commands", Commands)


def post_telemetry(body: TelemetryBatch) -> Call[TelemetryAnswer]:
    """Hand over what was measured since the last batch, or an older one; sent again, it counts once.

    A batch that holds anything that cannot be true is refused as a whole, each such thing by its name. What is only
    more than the machine says that it has is kept and flagged; metrics not known here are counted and left out.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/agent/telemetry", TelemetryAnswer, body=body, gzips=True)


def report_progress(command_id: str, body: Progress) -> Call[Received]:
    """A step of an order has begun.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", f"/v1/agent/commands/{segment(command_id)}/progress", Received, body=body)


def report_result(command_id: str, body: CommandResult) -> Call[Received]:
    """An order has ended, with its proof or its failure.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", f"/v1/agent/commands/{segment(command_id)}/result", Received, body=body)


def report_self_test(body: SelfTest) -> Call[Received]:
    """What the host tried on itself; `applied` is false for one that was just told.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/self-test", Received, body=body)


def retire(body: Farewell) -> Call[RetireReceipt]:
    """The host leaves for good, with a receipt. Nothing of it may be leased; it drains from then on if something is.

    Errors: `stale_sequence`, `workloads_left`, `storage_full`.
    """
    return Call("POST", "/v1/agent/retire", RetireReceipt, body=body)
