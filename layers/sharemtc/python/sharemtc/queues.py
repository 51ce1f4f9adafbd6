"""Queues: sending a message, and handling a batch of messages."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sharemtc import aws
from sharemtc.independent import SomeFailed
from sharemtc.observability import logger
from sharemtc.settings import require

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Queue(StrEnum):
    """The queues; the value is the setting that holds the URL."""

    ACCOUNT_JOBS = "account_jobs_queue_url"
    ACCRUALS = "accrual_queue_url"
    RECONCILER = "reconcile_queue_url"
    TELEMETRY = "telemetry_queue_url"


def send(queue: Queue, body: str, *, delay_s: int = 0) -> None:
    _client().send_message(QueueUrl=require(queue), MessageBody=body, DelaySeconds=delay_s)


def do_each(event: dict[str, Any], do: Callable[[str], None]) -> dict[str, list[dict[str, str]]]:
    """Call `do` with the body of each message; returns the failed ones, which alone the queue delivers again.

    Errors: `SomeFailed` when all failed, so that the function's error metric counts it.
    """
    failed = []
    for record in event["Records"]:
        try:
            do(record["body"])
        except Exception:
            logger().exception("message_failed", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    if len(failed) == len(event["Records"]):
        raise SomeFailed(f"all {len(failed)} messages")
    return {"batchItemFailures": failed}


@cache
def _client() -> SQSClient:
    return aws.client("sqs")
