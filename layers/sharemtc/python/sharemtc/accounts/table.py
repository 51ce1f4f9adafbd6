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

`sharemtc.api_keys` keeps API keys in the same table.
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
    return f"USER#{user_id}"


class AccountsRecord(Record):
    class Meta:
        table_name = table_name("accounts")


class User(AccountsRecord):
    """`email` is normalised, and unique by its `Email` record. Without `password_hash` every password is wrong.

    `email_proven_at`: when the user confirmed the address by a link, or by Google. `session_epoch`: sessions of earlier
    epochs have ended.
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
    """A shard of the number of users, updated in the transactions that create and delete them."""

    users = IntegerAttribute(default=0)


class Email(AccountsRecord):
    """The owner of an e-mail address; its put-if-absent makes addresses unique."""

    user_id = UnicodeAttribute()


class Settings(AccountsRecord):
    """Settings of the console; absent until changed."""

    theme = EnumAttribute(Theme)
    language = EnumAttribute(Language)
    timezone = UnicodeAttribute()
    density = EnumAttribute(Density)
    version = IntegerAttribute(default=0)
    updated_at = InstantAttribute(null=True)


class Session(AccountsRecord):
    """One sign-in. `secret_hash` is that of the newest refresh token.

    It and `sibling_hashes` are the unused successors of the token with `previous_hash`. `address` and `agent` are those
    of the sign-in.
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
    """Why a session ended."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    REUSED = "reused"


class EndedSession(AccountsRecord):
    """Why a session ended other than by signing out; kept as long as its cookie may be sent."""

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
    """An entry in a user's list of API keys. The key is in its own partition: its text does not name the user."""

    key_id = UnicodeAttribute()


class Fingerprint(AccountsRecord):
    """The user's key with a fingerprint; its put-if-absent rejects duplicate keys."""

    key_id = UnicodeAttribute()


class EmailToken(AccountsRecord):
    """The token in an email's link (`email_tokens`)."""

    PURPOSE: ClassVar[str]

    user_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


class ResetToken(EmailToken):
    """Sets the password once, while the current password matches `password_mark`."""

    PURPOSE = "RESET"

    password_mark = UnicodeAttribute()


class ProofToken(EmailToken):
    """Confirms the account's address once, while it is `email`."""

    PURPOSE = "PROOF"

    email = UnicodeAttribute()


class CreditGiven(AccountsRecord):
    """A mailbox got its starting credit. Kept when the account is deleted."""

    given_at = InstantAttribute()


class CreditCount(AccountsRecord):
    """The number of starting credits of a day, in all or per network address."""

    given = IntegerAttribute()
    expires_at = ExpiryAttribute()


class GoogleLink(AccountsRecord):
    """The user of a Google account."""

    user_id = UnicodeAttribute()


class Guess(AccountsRecord):
    """One password attempt, which takes a slot of its bucket until `free_at`."""

    free_at = InstantAttribute()
    expires_at = ExpiryAttribute()
