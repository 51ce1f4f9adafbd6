"""What to do after an answer was given: emails, and the erasing of deleted accounts (`job_handlers` does it).

A request only puts a message on the queue. So it takes as long for an address that nobody has as for any other, and
what fails is tried again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, TypeAdapter

from sharemtc import aws
from sharemtc.schemas import Schema
from sharemtc.settings import require

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ERASE_DELAY_S = 60


class SendReset(Schema):
    """Someone forgot the password of that address."""

    job: Literal["send_reset"] = "send_reset"
    email: str
    address: str
    agent: str


class SendProof(Schema):
    """Send the owner an email that proves the account's address."""

    job: Literal["send_proof"] = "send_proof"
    user_id: str


class TellChanged(Schema):
    """Tell the owner that the password was changed."""

    job: Literal["tell_changed"] = "tell_changed"
    user_id: str


class Erase(Schema):
    """Erase what is left of an account, if it was deleted."""

    job: Literal["erase"] = "erase"
    user_id: str


Job = SendReset | SendProof | TellChanged | Erase
JOBS: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="job")])


@cache
def _queue() -> SQSClient:
    return aws.client("sqs")


def ask(job: Job, *, delay_s: int = 0) -> None:
    """Have it done soon."""
    body = job.model_dump_json()
    _queue().send_message(QueueUrl=require("account_jobs_queue_url"), MessageBody=body, DelaySeconds=delay_s)
