"""Sends e-mail through Amazon SES, or writes it to a folder (`MAIL_FROM`, `MAIL_OUTBOX_DIR`)."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from sharemtc import aws, clock
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import Conflict
from sharemtc.settings import require, settings


class MailRoute(StrEnum):
    """Where e-mails go: by SES, to a folder of the machine that runs the platform, or nowhere."""

    EMAIL = "email"
    OUTBOX = "outbox"
    NONE = "none"


class NoEmail(Conflict):
    """The deployment has neither a sender address nor a folder."""

    code, title = "no_email", "E-mail is not set up"


def route() -> MailRoute:
    if settings().mail_outbox_dir:
        return MailRoute.OUTBOX
    return MailRoute.EMAIL if settings().mail_from else MailRoute.NONE


def require_route() -> MailRoute:
    found = route()
    if found is MailRoute.NONE:
        raise NoEmail("Contact the operator of this platform.")
    return found


class Ses(Protocol):
    """The part of the SES client that is used."""

    def send_email(self, **request: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Email:
    """`text` and `html` have the same content."""

    to: str
    subject: str
    text: str
    html: str


def send(email: Email) -> None:
    """Errors: those of SES or the file system; the caller's queue retries."""
    outbox = settings().mail_outbox_dir
    if outbox:
        _write_to_folder(email, Path(outbox))
        return
    _ses().send_email(
        FromEmailAddress=require("mail_from"),
        Destination={"ToAddresses": [email.to]},
        Content={
            "Simple": {
                "Subject": {"Data": email.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": email.text, "Charset": "UTF-8"},
                    "Html": {"Data": email.html, "Charset": "UTF-8"},
                },
            }
        },
    )


@cache
def _ses() -> Ses:
    return cast(Ses, aws.client("sesv2"))


def _write_to_folder(email: Email, outbox: Path) -> None:
    # the library rejects line breaks in headers, so no address can add headers
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = settings().mail_from or "ShareMTC <no-reply@sharemtc.local>"
    message["To"] = email.to
    message["Subject"] = email.subject
    message["Date"] = format_datetime(clock.now())
    message.set_content(email.text, cte="8bit")  # readable in the folder as it is
    message.add_alternative(email.html, subtype="html", cte="8bit")
    outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = new_id(IdKind.EMAIL)
    draft = outbox / f".{name}.part"
    draft.touch(mode=0o600)
    draft.write_bytes(message.as_bytes())
    draft.rename(outbox / f"{name}.eml")
