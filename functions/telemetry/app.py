"""Stores telemetry from its queue and rolls it up."""

from typing import Any

from sharemtc import queues
from sharemtc.telemetry import writes
from sharemtc.telemetry.queue_messages import BatchPart


def handler(event: dict[str, Any], context: Any) -> Any:
    """Failed messages are retried by themselves."""
    return queues.do_each(event, store)


def store(message: str) -> None:
    writes.store(BatchPart.decoded(message))
