"""The liveness sweep: a schedule cannot fire more often than once a minute, so one run sweeps several times."""

import time
from typing import Any

from sharemtc.hosts import liveness
from sharemtc.hosts.table import SHARDS
from sharemtc.observe import logger

SWEEPS = 6
SWEEP_INTERVAL_S = 10


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Sweep every shard, `SWEEPS` times; the number of hosts that changed state."""
    moved = 0
    for sweep in range(SWEEPS):
        if sweep:
            time.sleep(SWEEP_INTERVAL_S)
        moved += sum(liveness.sweep(str(shard)) for shard in range(SHARDS))
    if moved:
        logger().info("silence", extra={"hosts_moved": moved})
    return {"hosts_moved": moved}
