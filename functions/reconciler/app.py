"""The reconciler: runs for a host whose report changed, and on a schedule for all unsettled workloads."""

import json
from typing import Any

from sharemtc import queues
from sharemtc.hosts import service as hosts
from sharemtc.independent import independent
from sharemtc.observability import logger
from sharemtc.workloads import losses, reconciliation


def handler(event: dict[str, Any], context: Any) -> Any:
    """Queue messages name a host, or none for all; any other event is the schedule."""
    if "Records" in event:
        return queues.do_each(event, reconcile)
    return sweep()


def reconcile(message: str) -> None:
    """Compare one host's report with the tables, or sweep all."""
    host_id = json.loads(message).get("host_id")
    if host_id is None:
        sweep()
        return
    mended = reconciliation.reconcile_host(host_id)
    logger().info("reconciled", extra={"host_id": host_id, "mended": mended})


def sweep() -> dict[str, int]:
    """Resume every unsettled operation without an execution, and reconcile every host."""
    counts = {"driven": 0, "mended": 0, "lost": 0}
    with independent() as each:
        for shard in reconciliation.shards():
            with each.one(f"shard {shard}"):
                counts["driven"] += reconciliation.drive_unsettled(shard)
        for host in [at.host for at in hosts.on_the_market()]:
            with each.one(host.id):
                if host.lost_reason is not None:
                    counts["lost"] += losses.write_off(host)
                else:
                    counts["mended"] += reconciliation.reconcile_host(host.id)
        if any(counts.values()):
            logger().info("swept", extra=counts)
    return counts
