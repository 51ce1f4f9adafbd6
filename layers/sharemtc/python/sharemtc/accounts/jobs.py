"""What to do after an answer was given: emails, and the erasing of deleted accounts (`job_handlers` does it).

A request only puts a message on the queue. So it takes as long for an address that nobody has as for any other, and
what fails is tried again.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from sharemtc import queues
from sharemtc.queues import Queue
from sharemtc.schemas import Schema

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


def ask(job: Job, *, delay_s: int = 0) -> None:
    """Have it done soon."""
    body = job.model_dump_json()
    queues.send(Queue.ACCOUNT_JOBS, body, delay_s=delay_s)
