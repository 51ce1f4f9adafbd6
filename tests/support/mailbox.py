"""The queue of account jobs and the outbox: what was asked for is done, and the emails are read."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import boto3
import pytest
from functions.account_jobs.app import handler

from sharemtc import mail, queues
from sharemtc.settings import settings


class Mailbox:
    """Where emails arrive."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._sqs = boto3.client("sqs")
        self.url = self._sqs.create_queue(QueueName="test-account-jobs")["QueueUrl"]
        here = settings().model_copy(update={"mail_outbox_dir": str(folder), "account_jobs_queue_url": self.url})
        monkeypatch.setattr(mail, "settings", lambda: here)
        monkeypatch.setattr(queues, "require", lambda name: getattr(here, name))

    def deliver(self) -> list[EmailMessage]:
        """Do the jobs that wait; the emails that came of it, but those that new accounts get."""
        return [email for email in self._deliver() if not _is_proof(email)]

    def proof_token(self) -> str:
        """The token of the one email that arrives to prove an address."""
        (email,) = filter(_is_proof, self._deliver())
        return token_in(email, "confirm-email")

    def _deliver(self) -> list[EmailMessage]:
        before = set(self.folder.glob("*.eml"))
        while messages := self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            records = [_record(message["MessageId"], message["Body"]) for message in messages]
            assert handler({"Records": records}, None) == {"batchItemFailures": []}
            for message in messages:
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        new = sorted(set(self.folder.glob("*.eml")) - before)
        return [read(path) for path in new]

    def reset_token(self) -> str:
        """The token of the one email that arrives."""
        (email,) = self.deliver()
        return token_in(email)


def read(path: Path) -> EmailMessage:
    """An email of the outbox."""
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(email: EmailMessage, kind: str) -> str:
    """The `plain` or the `html` text."""
    body = email.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def _is_proof(email: EmailMessage) -> bool:
    return "/confirm-email#" in part(email, "plain")


def token_in(email: EmailMessage, page: str = "reset-password") -> str:
    """The token of an email's link."""
    found = re.search(rf"/{page}#token=([\w-]+)", part(email, "plain"))
    assert found is not None
    return found[1]


def _record(message_id: str, body: str) -> dict[str, Any]:
    return {"messageId": message_id, "body": body, "receiptHandle": "", "attributes": {}, "messageAttributes": {}}
