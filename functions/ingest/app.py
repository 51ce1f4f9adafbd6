"""/v1/agent/telemetry: checks and queues telemetry; a separate function with no other permissions."""

from sharemtc.hosts import signatures
from sharemtc.hosts.state_changes import HostClosed
from sharemtc.http.api import Api
from sharemtc.principals import HOSTS, Principal
from sharemtc.telemetry import ingest, versions
from sharemtc.wire import MAX_BODY_BYTES, MAX_UNPACKED_BYTES, TelemetryAnswer, TelemetryBatch

app = Api("ingest", authenticate=signatures.authenticate)


@app.operation(
    "POST",
    "/v1/agent/telemetry",
    status=202,
    roles=HOSTS,
    quiet=True,
    errors=(HostClosed,),
    max_body_bytes=MAX_BODY_BYTES,
    max_unpacked_bytes=MAX_UNPACKED_BYTES,
    salvage=versions.salvage,
)
def post_telemetry(caller: Principal, body: TelemetryBatch) -> TelemetryAnswer:
    """Send a batch of telemetry.

    Sending a batch again has no effect. A batch with impossible values is rejected as a whole; `errors` names them.
    Values above the reported inventory are accepted and flagged. Unknown metrics are counted and left out.
    """
    return ingest.accept(caller.host_id, body)
