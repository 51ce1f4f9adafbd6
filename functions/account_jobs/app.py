"""Account jobs from a queue: emails, and erasing deleted accounts."""

from typing import Any

from sharemtc import queues
from sharemtc.accounts import job_handlers
from sharemtc.observability import logger


def handler(event: dict[str, Any], context: Any) -> Any:
    """Failed messages are retried by themselves."""
    return queues.do_each(event, do)


def do(message: str) -> None:
    logger().info("done", extra={"job": job_handlers.do(message)})
