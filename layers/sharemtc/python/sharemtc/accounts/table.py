"""Records of the accounts table.

| pk                   | sk                          | record       |
|----------------------|-----------------------------|--------------|
| `USER#<id>`          | `USER`                      | User         |
| `USER#<id>`          | `SETTINGS`                  | Settings     |
| `USER#<id>`          | `SESSION#<id>`              | Session      |
| `USER#<id>`          | `ENDED#<session>`           | EndedSession |
| `USER#<id>`          | `KEY#<id>`                  | SshKey       |
| `USER#<id>`          | `FINGERPRINT#<fingerprint>` | Fingerprint  |
| `USER#<id>`          | `APIKEY#<id>`               | ApiKeyEntry  |
| `RESET#<hash>`       | `RESET`                     | ResetToken   |
| `PROOF#<hash>`       | `PROOF`                     | ProofToken   |
| `CREDIT#<mac>`       | `CREDIT`                    | CreditGiven  |
| `CREDITS#<day>`      | `ALL`, `FROM#<hash>`        | CreditCount  |
| `GOOGLE#<subject>`   | `GOOGLE`                    | GoogleLink   |
| `EMAIL#<normalised>` | `EMAIL`                     | Email        |
| `GUESSES#<bucket>`   | `SLOT#<n>`                  | Guess        |
| `COUNT#USERS`        | `SHARD#<n>`                 | UserCount    |

API keys stand in the same table (see `sharemtc.api_keys`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from sharemtc.accounts.preferences import Density, Language, Theme
from sharemtc.principals import Role
from sharemtc.settings import table_name
from sharemtc.storage.attributes import (
    DocumentAttribute,
    EnumAttribute,
    ExpiryAttribute,
    InstantAttribute,
    IntegerAttribute,
)
from sharemtc.storage.records import Record

KEY_PREFIX = "KEY#"
API_KEY_PREFIX = "APIKEY#"
SESSION_PREFIX = "SESSION#"
ENDED_PREFIX = "ENDED#"
SLOT_PREFIX = "SLOT#"
SHARD_PREFIX = "SHARD#"
COUNT_SHARDS = 8
USERS_COUNT_KEY = "COUNT#USERS"


def user_key(user_id: str) -> str:
    """The partition of everything that belongs to a user."""
    return f"USER#{user_id}"


class AccountsRecord(Record):
    """What stands in the accounts table."""

    class Meta:
        table_name = table_name("accounts")


class User(AccountsRecord):
    """A person. `email` is normalised and unique by its `Email` record; without `password_hash` no password is right.

    `email_proven_at`: someone with the account read an email to that address, or Google says so.
    `session_epoch` ends sessions: only those of the present epoch go on.
    """

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = EnumAttribute(Role)
    password_hash = UnicodeAttribute(null=True)
    email_proven_at = InstantAttribute(null=True)
    google_subject = UnicodeAttribute(null=True)
    session_epoch = IntegerAttribute(default=0)
    ssh_key_count = IntegerAttribute(default=0)
    api_key_count = IntegerAttribute(default=0)
    created_at = InstantAttribute()


class UserCount(AccountsRecord):
    """A shard of the number of users; grows and shrinks with the transactions that make and delete them."""

    users = IntegerAttribute(default=0)


class Email(AccountsRecord):
    """Whose an e-mail address is: the record whose put-if-absent makes addresses unique."""

    user_id = UnicodeAttribute()


class Settings(AccountsRecord):
    """How a person wants the console; absent until changed."""

    theme = EnumAttribute(Theme)
    language = EnumAttribute(Language)
    timezone = UnicodeAttribute()
    density = EnumAttribute(Density)
    version = IntegerAttribute(default=0)
    updated_at = InstantAttribute(null=True)


class Session(AccountsRecord):
    """One sign-in: a family of refresh tokens. `secret_hash` is the newest one's.

    It and `sibling_hashes` are the successors, none of them used yet, of the token of `previous_hash`.
    `address` and `agent` are those of the sign-in.
    """

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    secret_hash = UnicodeAttribute()
    sibling_hashes = DocumentAttribute(tuple[str, ...], default=())
    previous_hash = UnicodeAttribute(null=True)
    epoch = IntegerAttribute(default=0)
    address = UnicodeAttribute(default="")
    agent = UnicodeAttribute(default="")
    created_at = InstantAttribute()
    rotated_at = InstantAttribute()
    expires_at = ExpiryAttribute()


class EndReason(StrEnum):
    """Why a session is over."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    REUSED = "reused"


class EndedSession(AccountsRecord):
    """Why a session ended that its owner did not end by signing out there; kept while its cookie may come back."""

    reason = EnumAttribute(EndReason)
    expires_at = ExpiryAttribute()


class SshKey(AccountsRecord):
    """A public key, normalised to `type base64`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    type = UnicodeAttribute()
    public_key = UnicodeAttribute()
    fingerprint = UnicodeAttribute()
    bits = IntegerAttribute()
    created_at = InstantAttribute()
    last_used_at = InstantAttribute(null=True)


class ApiKeyEntry(AccountsRecord):
    """That a person has the API key, which stands by itself: whoever shows one does not say whose it is."""

    key_id = UnicodeAttribute()


class Fingerprint(AccountsRecord):
    """Which of a user's keys has a fingerprint: its put-if-absent refuses the same key twice."""

    key_id = UnicodeAttribute()


class EmailToken(AccountsRecord):
    """The token in an email's link (`email_tokens`)."""

    PURPOSE: ClassVar[str]

    user_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


class ResetToken(EmailToken):
    """An email by which the password can be set once, while it is the one with this mark."""

    PURPOSE = "RESET"

    password_mark = UnicodeAttribute()


class ProofToken(EmailToken):
    """An email that proves, once, that the account's address is its owner's, while it is this one."""

    PURPOSE = "PROOF"

    email = UnicodeAttribute()


class CreditGiven(AccountsRecord):
    """That an address had its starting credit. It stays when the account goes."""

    given_at = InstantAttribute()


class CreditCount(AccountsRecord):
    """How many starting credits were given on a day."""

    given = IntegerAttribute()
    expires_at = ExpiryAttribute()


class GoogleLink(AccountsRecord):
    """Whom a Google account signs in as."""

    user_id = UnicodeAttribute()


class Guess(AccountsRecord):
    """One try at a password, which occupies a slot of its bucket until `free_at`."""

    free_at = InstantAttribute()
    expires_at = ExpiryAttribute()
