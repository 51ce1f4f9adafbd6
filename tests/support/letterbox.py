"""The chores' queue and the outbox: what was asked for is done, and the letters are read."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import boto3
import pytest
from functions.chores.app import handler

from sharemtc import mail
from sharemtc.accounts import chores
from sharemtc.settings import settings


class Letterbox:
    """Where letters arrive."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._sqs = boto3.client("sqs")
        self.url = self._sqs.create_queue(QueueName="test-chores")["QueueUrl"]
        here = settings().model_copy(update={"mail_outbox_dir": str(folder), "chores_queue_url": self.url})
        monkeypatch.setattr(mail, "settings", lambda: here)
        monkeypatch.setattr(chores, "require", lambda name: getattr(here, name))
        chores._queue.cache_clear()

    def deliver(self) -> list[EmailMessage]:
        """Do the chores that wait; the letters that came of it, but those that new accounts get."""
        return [letter for letter in self._deliver() if not _is_proof(letter)]

    def proof_token(self) -> str:
        """The token of the one letter that arrives to prove an address."""
        (letter,) = filter(_is_proof, self._deliver())
        return token_in(letter, "confirm-email")

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
        """The token of the one letter that arrives."""
        (letter,) = self.deliver()
        return token_in(letter)


def read(path: Path) -> EmailMessage:
    """A letter of the outbox."""
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(letter: EmailMessage, kind: str) -> str:
    """The `plain` or the `html` text."""
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def _is_proof(letter: EmailMessage) -> bool:
    return "/confirm-email#" in part(letter, "plain")


def token_in(letter: EmailMessage, page: str = "reset-password") -> str:
    """The token of a letter's link."""
    found = re.search(rf"/{page}#token=([\w-]+)", part(letter, "plain"))
    assert found is not None
    return found[1]


def _record(message_id: str, body: str) -> dict[str, Any]:
    return {"messageId": message_id, "body": body, "receiptHandle": "", "attributes": {}, "messageAttributes": {}}
