"""Keeps telemetry from its queue and rolls it up."""

from typing import Any

from sharemtc import queues
from sharemtc.telemetry import writes
from sharemtc.telemetry.queue_messages import BatchPart


def handler(event: dict[str, Any], context: Any) -> Any:
    """Keep each message's part; one that fails comes again by itself."""
    return queues.do_each(event, keep)


def keep(message: str) -> None:
    """Keep one part."""
    writes.store(BatchPart.decoded(message))
