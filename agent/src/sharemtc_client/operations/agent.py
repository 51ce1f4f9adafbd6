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
    """Drain the host.

    It gets no new workloads until its owner ends the drain.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/drain", HostStateAnswer, body=body)


def enroll(body: EnrollRequest) -> Call[EnrollAnswer]:
    """Enroll a host with a single-use code and its public key.

    Errors: `protocol_unsupported`, `too_many_hosts`, `storage_full`.
    """
    return Call("POST", "/v1/agent/enroll", EnrollAnswer, body=body)


def heartbeat(body: Heartbeat) -> Call[HeartbeatAnswer]:
    """Renew the host's lease.

    The response has the waiting commands, and until when each workload is paid. Workloads, GPUs and other items of
    the inventory that are rejected are named in `problems`; the rest is accepted.

    Errors: `key_copied`, `protocol_unsupported`, `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/heartbeat", HeartbeatAnswer, body=body)


def list_commands() -> Call[Commands]:
    """List the commands that wait for the host, and lease them to it.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("GET", "/v1/agent/commands", Commands)


def post_telemetry(body: TelemetryBatch) -> Call[TelemetryAnswer]:
    """Send a batch of telemetry.

    Sending a batch again has no effect. A batch with impossible values is rejected as a whole; `errors` names them.
    Values above the reported inventory are accepted and flagged. Unknown metrics are counted and left out.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/agent/telemetry", TelemetryAnswer, body=body, gzips=True)


def report_progress(command_id: str, body: Progress) -> Call[Received]:
    """Report that a step of a command has started.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", f"/v1/agent/commands/{segment(command_id)}/progress", Received, body=body)


def report_result(command_id: str, body: CommandResult) -> Call[Received]:
    """Report the result of a command: its proof or its failure.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", f"/v1/agent/commands/{segment(command_id)}/result", Received, body=body)


def report_self_test(body: SelfTest) -> Call[Received]:
    """Report a self-test.

    `applied` is false when the same report was just received.

    Errors: `stale_sequence`, `storage_full`.
    """
    return Call("POST", "/v1/agent/self-test", Received, body=body)


def retire(body: Farewell) -> Call[RetireReceipt]:
    """Retire the host.

    It must have no workloads; otherwise it drains. The response is a receipt.

    Errors: `stale_sequence`, `workloads_left`, `storage_full`.
    """
    return Call("POST", "/v1/agent/retire", RetireReceipt, body=body)
