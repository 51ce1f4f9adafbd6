"""The emails of accounts, as text and HTML with the same content.

Anyone can have an email sent to someone else's address, so none contains user input: not the name, and not the address,
whose part after a plus sign is free text.
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
    """The token is after `#`, so that it is never sent to a server and logged."""
    url = f"{settings().public_url}/reset-password#token={token}"
    return _email(
        to,
        "Choose a new password",
        [
            "Hello,",
            "someone requested a new password for the ShareMTC account with this address. "
            f"If it was you, choose one here within {minutes} minutes:",
        ],
        ("Choose a new password", url),
        [
            "The link works once. Everyone who is signed in to the account will be signed out.",
            "If it was not you, do nothing: your password stays as it is.",
        ],
    )


def proof_email(to: str, token: str) -> Email:
    url = f"{settings().public_url}/confirm-email#token={token}"
    return _email(
        to,
        "Confirm your e-mail address",
        [
            "Hello,",
            "a ShareMTC account was created with this address. If it is yours, confirm the address within a day:",
        ],
        ("Confirm the address", url),
        ["The link works once. If you did not create an account, do nothing."],
    )


def changed_email(to: str) -> Email:
    url = f"{settings().public_url}/forgot-password"
    return _email(
        to,
        "Your password was changed",
        [
            "Hello,",
            "the password of the ShareMTC account with this address was just changed, "
            "and all other sessions were signed out.",
        ],
        ("It was not me", url),
        ["If it was you, there is nothing to do. Otherwise choose a new password and check your keys."],
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
