"""Jobs that run after the response: emails, and erasing deleted accounts (`job_handlers`).

A request only queues a message. So it takes the same time whether or not an account exists, and failures are retried.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from sharemtc import queues
from sharemtc.queues import Queue
from sharemtc.schemas import Schema

ERASE_DELAY_S = 60


class SendReset(Schema):
    """Send an email to reset the password, if the address has an account."""

    job: Literal["send_reset"] = "send_reset"
    email: str
    address: str
    agent: str


class SendProof(Schema):
    """Send an email to confirm the account's address."""

    job: Literal["send_proof"] = "send_proof"
    user_id: str


class SendPasswordChanged(Schema):
    """Send an email that the password was changed."""

    job: Literal["send_password_changed"] = "send_password_changed"
    user_id: str


class Erase(Schema):
    """Erase what is left of a deleted account."""

    job: Literal["erase"] = "erase"
    user_id: str


Job = SendReset | SendProof | SendPasswordChanged | Erase
JOBS: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="job")])


def enqueue(job: Job, *, delay_s: int = 0) -> None:
    body = job.model_dump_json()
    queues.send(Queue.ACCOUNT_JOBS, body, delay_s=delay_s)
