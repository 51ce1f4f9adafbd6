"""Keeps telemetry from its queue and rolls it up."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from sharemtc.telemetry import writes
from sharemtc.telemetry.queue_messages import Parcel

processor = BatchProcessor(event_type=EventType.SQS)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Keep each message's parcel; one that fails comes again by itself."""
    return process_partial_response(event=event, record_handler=keep, processor=processor, context=context)


def keep(record: SQSRecord) -> None:
    """Keep one parcel."""
    writes.store(Parcel.decoded(record.body))
