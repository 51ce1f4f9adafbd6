"""What is done after an answer was given: letters, and the erasing of deleted accounts.

A request only puts a message on the queue. So it takes as long for an address that nobody has as for any other, and
what fails is tried again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import boto3
from pydantic import Field, TypeAdapter

from sharemtc.accounts import deletion, letters, recovery
from sharemtc.accounts.service import find_by_email
from sharemtc.accounts.table import User, user_key
from sharemtc.audit.origins import Origin
from sharemtc.mail import send
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


class TellChanged(Schema):
    """Tell the owner that the password was changed."""

    chore: Literal["tell_changed"] = "tell_changed"
    user_id: str


class Erase(Schema):
    """Erase what is left of an account, if it was deleted."""

    chore: Literal["erase"] = "erase"
    user_id: str


Chore = SendReset | TellChanged | Erase
_chores: TypeAdapter[Chore] = TypeAdapter(Annotated[Chore, Field(discriminator="chore")])


@cache
def _queue() -> SQSClient:
    return boto3.client("sqs")


def ask(chore: Chore, *, delay_s: int = 0) -> None:
    """Have it done soon."""
    body = chore.model_dump_json()
    _queue().send_message(QueueUrl=require("chores_queue_url"), MessageBody=body, DelaySeconds=delay_s)


def do(message: str) -> str:
    """Do what a message of the queue asks for; which it was. Done twice, it does no harm."""
    chore = _chores.validate_json(message)
    if isinstance(chore, SendReset):
        _send_reset(chore)
    elif isinstance(chore, TellChanged):
        user = User.find(user_key(chore.user_id), "USER")
        if user is not None:
            send(letters.changed_letter(user.email, user.name))
    else:
        deletion.erase_if_deleted(chore.user_id)
    return chore.chore


def _send_reset(chore: SendReset) -> None:
    user = find_by_email(chore.email)
    if user is None or not recovery.may_write_to(chore.email):
        return
    token = recovery.make_token(user, Origin(chore.address, chore.agent))
    send(letters.reset_letter(user.email, user.name, token, recovery.LIFETIME.seconds // 60))
