"""The emails that accounts write: each as text and as HTML from the same words, all of them ours.

Anybody can have an email sent to an address that is not theirs, so nothing that a person chose stands in one: no name,
and not the address itself, whose part after a plus sign is free text.
"""

from __future__ import annotations

from html import escape

from sharemtc.mail import Email
from sharemtc.settings import settings

_HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{subject}</title></head>
<body style="margin:0;padding:24px;background:#f6f7f9;color:#16181d;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:520px;margin:0 auto;padding:24px;background:#fff;border:1px solid #d9dce3;border-radius:8px">
<p style="margin:0 0 16px;font-weight:600">ShareMTC</p>
{paragraphs}
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 16px">{text}</p>'
_BUTTON = (
    '<p style="margin:0 0 16px"><a href="{url}" style="display:inline-block;padding:10px 16px;background:#1f4fd8;'
    'color:#fff;border-radius:6px;text-decoration:none">{label}</a></p>'
    '<p style="margin:0 0 16px;font-size:13px;word-break:break-all">{url}</p>'
)


def reset_email(to: str, token: str, minutes: int) -> Email:
    """How to choose a new password. The token stands behind `#`, where no server's log sees it."""
    url = f"{settings().public_url}/reset-password#token={token}"
    return _email(
        to,
        "Choose a new password",
        [
            "Hello,",
            "someone asked for a new password for the ShareMTC account of this address. "
            f"If it was you, choose one here within {minutes} minutes:",
        ],
        ("Choose a new password", url),
        [
            "The link works once. Everyone who is signed in to the account will be signed out.",
            "If it was not you, do nothing: your password stays as it is.",
        ],
    )


def proof_email(to: str, token: str) -> Email:
    """How to prove that the address is yours. The token stands behind `#`, where no server's log sees it."""
    url = f"{settings().public_url}/confirm-email#token={token}"
    return _email(
        to,
        "Confirm your e-mail address",
        ["Hello,", "a ShareMTC account was made with this address. If it is yours, confirm the address within a day:"],
        ("Confirm the address", url),
        ["The link works once. If you made no account, do nothing."],
    )


def changed_email(to: str) -> Email:
    """That the password is another one now."""
    url = f"{settings().public_url}/forgot-password"
    return _email(
        to,
        "Your password was changed",
        [
            "Hello,",
            "the password of the ShareMTC account of this address was changed just now, "
            "and other sessions were signed out.",
        ],
        ("It was not me", url),
        ["If it was you, there is nothing to do. Else choose a new password, and look through your keys."],
    )


def _email(to: str, subject: str, before: list[str], link: tuple[str, str], after: list[str]) -> Email:
    label, url = link
    text = "\n\n".join([*before, url, *after, "ShareMTC"]) + "\n"
    paragraphs = [
        *(_PARAGRAPH.format(text=escape(line)) for line in before),
        _BUTTON.format(url=escape(url), label=escape(label)),
        *(_PARAGRAPH.format(text=escape(line)) for line in after),
    ]
    return Email(to, subject, text, _HTML.format(subject=escape(subject), paragraphs="\n".join(paragraphs)))
