"""What accounts do after an answer was given, from a queue: emails, and the erasing of deleted accounts."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from sharemtc.accounts import job_handlers
from sharemtc.observability import logger

processor = BatchProcessor(event_type=EventType.SQS)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Do each message's chore; one that fails comes again by itself."""
    return process_partial_response(event=event, record_handler=do, processor=processor, context=context)


def do(record: SQSRecord) -> None:
    """Do one chore."""
    logger().info("done", extra={"chore": job_handlers.do(record.body)})
