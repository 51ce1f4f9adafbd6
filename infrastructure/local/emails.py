"""Shows the e-mails that were written as files on one machine."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

OUTBOX = "outbox"


def show(state_dir: Path, count: int) -> int:
    """Prints the newest e-mails, the newest last."""
    folder = state_dir / OUTBOX
    # an email's name begins with the time at which it was written
    newest = sorted(folder.glob("*.eml"))[-count:]
    if not newest:
        print(f"no e-mails yet (they come into {folder})")
    for path in newest:
        email = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(email, EmailMessage)
        body = email.get_body(("plain",))
        text = body.get_content().strip() if body is not None else ""
        print(f"{path}\nTo: {email['To']}\nDate: {email['Date']}\nSubject: {email['Subject']}\n\n{text}\n")
    return 0
