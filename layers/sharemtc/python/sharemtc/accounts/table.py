"""Records of the accounts table.

| pk                   | sk                          | record      |
|----------------------|-----------------------------|-------------|
| `USER#<id>`          | `USER`                      | User        |
| `USER#<id>`          | `SESSION#<id>`              | Session     |
| `USER#<id>`          | `KEY#<id>`                  | SshKey      |
| `USER#<id>`          | `FINGERPRINT#<fingerprint>` | Fingerprint |
| `EMAIL#<normalised>` | `EMAIL`                     | Email       |
| `GUESSES#<bucket>`   | `SLOT#<n>`                  | Guess       |
"""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.dynamo import EnumAttribute, ExpiryAttribute, InstantAttribute, IntegerAttribute, Record
from sharemtc.identity import Role
from sharemtc.settings import table_name

KEY_PREFIX = "KEY#"
SLOT_PREFIX = "SLOT#"


def user_key(user_id: str) -> str:
    """The partition of everything that belongs to a user."""
    return f"USER#{user_id}"


class AccountsRecord(Record):
    """What stands in the accounts table."""

    class Meta:
        table_name = table_name("accounts")


class User(AccountsRecord):
    """A person. `email` is normalised and unique by its `Email` record."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = EnumAttribute(Role)
    password_hash = UnicodeAttribute()
    ssh_key_count = IntegerAttribute(default=0)
    created_at = InstantAttribute()


class Email(AccountsRecord):
    """Whose an e-mail address is: the record whose put-if-absent makes addresses unique."""

    user_id = UnicodeAttribute()


class Session(AccountsRecord):
    """One sign-in: a family of refresh tokens, of which only the last one's hash is good."""

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    secret_hash = UnicodeAttribute()
    previous_hash = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    rotated_at = InstantAttribute()
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


class Fingerprint(AccountsRecord):
    """Which of a user's keys has a fingerprint: its put-if-absent refuses the same key twice."""

    key_id = UnicodeAttribute()


class Guess(AccountsRecord):
    """One try at a password, which occupies a slot of its bucket until `free_at`."""

    free_at = InstantAttribute()
    expires_at = ExpiryAttribute()
