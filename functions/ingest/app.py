"""/v1/agent/telemetry: what hosts measure, checked and queued; a function of its own that may do nothing else."""

from sharemtc.hosts import signatures
from sharemtc.hosts.moves import HostClosed
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
    """Hand over what was measured since the last batch, or an older one; sent again, it counts once.

    A batch that holds anything that cannot be true is refused as a whole, each such thing by its name. What is only
    more than the machine says that it has is kept and flagged; metrics not known here are counted and left out.
    """
    return ingest.accept(caller.host_id, body)
