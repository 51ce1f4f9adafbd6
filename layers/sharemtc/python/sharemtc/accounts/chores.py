"""What to do after an answer was given: letters, and the erasing of deleted accounts (`housekeeping` does it).

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

    chore: Literal["send_reset"] = "send_reset"
    email: str
    address: str
    agent: str


class SendProof(Schema):
    """Send the owner a letter that proves the account's address."""

    chore: Literal["send_proof"] = "send_proof"
    user_id: str


class TellChanged(Schema):
    """Tell the owner that the password was changed."""

    chore: Literal["tell_changed"] = "tell_changed"
    user_id: str


class Erase(Schema):
    """Erase what is left of an account, if it was deleted."""

    chore: Literal["erase"] = "erase"
    user_id: str


Chore = SendReset | SendProof | TellChanged | Erase
CHORES: TypeAdapter[Chore] = TypeAdapter(Annotated[Chore, Field(discriminator="chore")])


@cache
def _queue() -> SQSClient:
    return aws.client("sqs")


def ask(chore: Chore, *, delay_s: int = 0) -> None:
    """Have it done soon."""
    body = chore.model_dump_json()
    _queue().send_message(QueueUrl=require("chores_queue_url"), MessageBody=body, DelaySeconds=delay_s)
