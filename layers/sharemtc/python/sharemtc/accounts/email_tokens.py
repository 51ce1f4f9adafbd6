"""Single-use tokens in the links of emails: 32 random bytes each; only the hash is stored."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from sharemtc import clock
from sharemtc.accounts.table import EmailToken, User, user_key

TOKEN_BYTES = 32

T = TypeVar("T", bound=EmailToken)


def new() -> str:
    return clock.new_secret(TOKEN_BYTES)


def place(kind: type[EmailToken], token: str) -> tuple[str, str]:
    return f"{kind.PURPOSE}#{hashlib.sha256(token.encode()).hexdigest()}", kind.PURPOSE


def find(kind: type[T], token: str) -> tuple[T, User] | None:
    """The token's record and account; None when the token is unknown, used or expired."""
    record = kind.find(*place(kind, token))
    if record is None or record.expires_at <= clock.now():
        return None
    user = User.find(user_key(record.user_id), "USER")
    return None if user is None else (record, user)
