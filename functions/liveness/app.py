"""The liveness sweep. A schedule runs at most once a minute, so each run sweeps several times.

Each run also recomputes the reliability of a sixtieth of the hosts.
"""

import time
from typing import Any

from sharemtc import clock
from sharemtc.hosts.liveness import sweep as sweeping
from sharemtc.hosts.reliability import history
from sharemtc.independent import independent
from sharemtc.observability import logger

# a host is suspect 15 s after its last heartbeat, which a sweep detects at most 5 s later
SWEEPS, SWEEP_INTERVAL_S = 15, 4


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Sweep `SWEEPS` times, evenly over a minute; returns the number of hosts that changed state."""
    moved, started_s = 0, time.monotonic()
    with independent() as each:
        for sweep in range(SWEEPS):
            time.sleep(max(0.0, started_s + sweep * SWEEP_INTERVAL_S - time.monotonic()))
            with each.one(f"sweep {sweep}"):
                moved += sweeping.sweep()
            for shard in history.shards_at(clock.now()) if sweep == 0 else ():
                with each.one(f"scores of shard {shard}"):
                    history.rescore(shard)
        if moved:
            logger().info("silence", extra={"hosts_moved": moved})
    return {"hosts_moved": moved}
