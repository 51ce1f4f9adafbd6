"""The reconciler: on a host's changed report, and on schedule for everything that is left unsettled."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from sharemtc.hosts import service as hosts
from sharemtc.independent import independent
from sharemtc.observability import logger
from sharemtc.workloads import losses, reconciliation
from sharemtc.workloads.table import SHARDS

processor = BatchProcessor(event_type=EventType.SQS)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Records name a host each, or none for all; anything else is the schedule."""
    if "Records" in event:
        return process_partial_response(event=event, record_handler=reconcile, processor=processor, context=context)
    return sweep()


def reconcile(record: SQSRecord) -> None:
    """Compare one host's report with the tables, or sweep everything."""
    host_id = json.loads(record.body).get("host_id")
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
        for shard in range(SHARDS):
            with each.one(f"shard {shard}"):
                came_to["driven"] += reconciliation.drive_unsettled(str(shard))
        for host in [at.host for at in hosts.on_the_market()]:
            with each.one(host.id):
                if host.lost_reason is not None:
                    came_to["lost"] += losses.write_off(host)
                else:
                    came_to["mended"] += reconciliation.reconcile_host(host.id)
        if any(came_to.values()):
            logger().info("swept", extra=came_to)
    return came_to
