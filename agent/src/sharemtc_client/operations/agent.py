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
from sharemtc_client.sessions import Session


class Agent:
    """Everything under /v1/agent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def drain(self, body: Farewell) -> HostStateAnswer:
        """The host asks to take no new work. Its owner can let it work again.

        Errors: `stale_sequence`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/drain", body=body), HostStateAnswer)

    def enroll(self, body: EnrollRequest) -> EnrollAnswer:
        """Exchange a single-use code and a public key for a host's id.

        Errors: `protocol_unsupported`, `too_many_hosts`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/enroll", body=body), EnrollAnswer)

    def heartbeat(self, body: Heartbeat) -> HeartbeatAnswer:
        """Renew the host's lease; get the orders that wait, and until when each workload is paid.

        A workload, a GPU or another item of the inventory that is refused is named in `problems`; all else is
        taken.

        Errors: `key_copied`, `protocol_unsupported`, `stale_sequence`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/heartbeat", body=body), HeartbeatAnswer)

    def list_commands(self) -> Commands:
        """The orders that wait for the host, each leased to it.

        Errors: `stale_sequence`, `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/agent/commands"), Commands)

    def post_telemetry(self, body: TelemetryBatch) -> TelemetryAnswer:
        """Hand over what was measured since the last batch, or an older one; sent again, it counts once.

        A batch that holds anything that cannot be true is refused as a whole, each such thing by its name. What is
        only more than the machine says that it has is kept and flagged; metrics not known here are counted and left
        out.

        Errors: `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/telemetry", body=body, gzips=True), TelemetryAnswer)

    def report_progress(self, command_id: str, body: Progress) -> Received:
        """A step of an order has begun.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call("POST", f"/v1/agent/commands/{segment(command_id)}/progress", body=body), Received
        )

    def report_result(self, command_id: str, body: CommandResult) -> Received:
        """An order has ended, with its proof or its failure.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(Call("POST", f"/v1/agent/commands/{segment(command_id)}/result", body=body), Received)

    def report_self_test(self, body: SelfTest) -> Received:
        """What the host tried on itself; `applied` is false for one that was just told.

        Errors: `stale_sequence`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/self-test", body=body), Received)

    def retire(self, body: Farewell) -> RetireReceipt:
        """The host leaves for good, with a receipt. Nothing of it may be leased; it drains from then on if something
        is.

        Errors: `stale_sequence`, `workloads_left`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/agent/retire", body=body), RetireReceipt)
