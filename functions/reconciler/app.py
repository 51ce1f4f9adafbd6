"""The reconciler: on a host's changed report, and on schedule for everything that is left unsettled."""

import json
from typing import Any

from sharemtc import queues
from sharemtc.hosts import service as hosts
from sharemtc.independent import independent
from sharemtc.observability import logger
from sharemtc.workloads import losses, reconciliation


def handler(event: dict[str, Any], context: Any) -> Any:
    """Records name a host each, or none for all; anything else is the schedule."""
    if "Records" in event:
        return queues.do_each(event, reconcile)
    return sweep()


def reconcile(message: str) -> None:
    """Compare one host's report with the tables, or sweep everything."""
    host_id = json.loads(message).get("host_id")
    if host_id is None:
        sweep()
        return
    mended = reconciliation.reconcile_host(host_id)
    logger().info("reconciled", extra={"host_id": host_id, "mended": mended})


def sweep() -> dict[str, int]:
    """Drive every unsettled order that has no execution, and compare every host; one that fails fails the run at its
    end.
    """
    came_to = {"driven": 0, "mended": 0, "lost": 0}
    with independent() as each:
        for shard in reconciliation.shards():
            with each.one(f"shard {shard}"):
                came_to["driven"] += reconciliation.drive_unsettled(shard)
        for host in [at.host for at in hosts.on_the_market()]:
            with each.one(host.id):
                if host.lost_reason is not None:
                    came_to["lost"] += losses.write_off(host)
                else:
                    came_to["mended"] += reconciliation.reconcile_host(host.id)
        if any(came_to.values()):
            logger().info("swept", extra=came_to)
    return came_to
