"""What accounts do after an answer was given, from a queue: emails, and the erasing of deleted accounts."""

from typing import Any

from sharemtc import queues
from sharemtc.accounts import job_handlers
from sharemtc.observability import logger


def handler(event: dict[str, Any], context: Any) -> Any:
    """Do each message's chore; one that fails comes again by itself."""
    return queues.do_each(event, do)


def do(message: str) -> None:
    """Do one chore."""
    logger().info("done", extra={"chore": job_handlers.do(message)})
