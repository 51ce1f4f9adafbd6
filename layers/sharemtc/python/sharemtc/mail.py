"""E-mails: through Amazon SES, or into a folder where the place has no mail (the setting decides)."""

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
    """Where e-mails go: to people by e-mail, into a folder of the machine that runs the platform, or nowhere."""

    EMAIL = "email"
    OUTBOX = "outbox"
    NONE = "none"


class NoEmail(Conflict):
    """The deployment is set up neither with an e-mail address to send from nor with a folder."""

    code, title = "no_email", "This platform sends no e-mail"


def route() -> MailRoute:
    """Where emails of this deployment go."""
    if settings().mail_outbox_dir:
        return MailRoute.OUTBOX
    return MailRoute.EMAIL if settings().mail_from else MailRoute.NONE


def demand_route() -> MailRoute:
    """Where emails go. Errors: `NoEmail`."""
    found = route()
    if found is MailRoute.NONE:
        raise NoEmail("Ask whoever operates this platform.")
    return found


class Ses(Protocol):
    """The one call of Amazon SES that is made."""

    def send_email(self, **request: Any) -> Any:
        """Send one email."""


@dataclass(frozen=True, slots=True)
class Email:
    """What goes to one address, as plain text and as HTML that say the same."""

    to: str
    subject: str
    text: str
    html: str


def send(email: Email) -> None:
    """Hand the email over. Errors: whatever SES or the file system raises; the caller's queue tries again."""
    outbox = settings().mail_outbox_dir
    if outbox:
        _keep(email, Path(outbox))
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


def _keep(email: Email, outbox: Path) -> None:
    # a line break in a header is refused by the library: no address can add headers of its own
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = settings().mail_from or "ShareMTC <no-reply@sharemtc.local>"
    message["To"] = email.to
    message["Subject"] = email.subject
    message["Date"] = format_datetime(clock.now())
    message.set_content(email.text, cte="8bit")  # whoever looks into the folder reads it as it is
    message.add_alternative(email.html, subtype="html", cte="8bit")
    outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = new_id(IdKind.EMAIL)
    draft = outbox / f".{name}.part"
    draft.touch(mode=0o600)
    draft.write_bytes(message.as_bytes())
    draft.rename(outbox / f"{name}.eml")
