"""Billing accrual: the schedule sends the running meters to a queue; messages post each meter's window."""

import json
from typing import Any

from sharemtc import queues
from sharemtc.billing import accruals
from sharemtc.billing import service as billing
from sharemtc.independent import independent
from sharemtc.observability import logger
from sharemtc.queues import Queue
from sharemtc.workloads import reconciliation

METERS_PER_MESSAGE = 20


def handler(event: dict[str, Any], context: Any) -> Any:
    """Queue messages are posted, and retried by themselves; any other event is the schedule."""
    if "Records" in event:
        return queues.do_each(event, post)
    return {"messages": fan_out()}


def fan_out() -> int:
    """Queue all running meters; returns the number of messages."""
    sent = 0
    for shard in billing.running_allocations():
        for start in range(0, len(shard), METERS_PER_MESSAGE):
            ids = shard[start : start + METERS_PER_MESSAGE]
            queues.send(Queue.ACCRUALS, json.dumps(ids))
            sent += 1
    return sent


def post(message: str) -> None:
    """Post the windows of one message's meters, and stop workloads that are no longer paid."""
    with independent() as each:
        for allocation_id in json.loads(message):
            with each.one(allocation_id):
                closed = reconciliation.close_left_open(allocation_id)
                posted_micros = accruals.accrue(allocation_id)
                stopped = reconciliation.stop_unpaid(allocation_id)
                counts = {"amount_micros": posted_micros, "stopped": stopped, "closed": closed}
                logger().info("accrued", extra={"allocation_id": allocation_id, **counts})
