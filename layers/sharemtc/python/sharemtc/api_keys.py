"""API keys as credentials: `smtc_<id>_<secret>`, with scopes per group of operations.

Only the hash of the secret is stored, in the accounts table. Each request reads the key and its owner's role, so
revoking takes effect at once. `sharemtc.accounts.api_keys` creates and revokes keys.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.attributes import UnicodeAttribute

from sharemtc import clock
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.ids import ULID
from sharemtc.problems import NotFound, PaymentRequired
from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.failures import Busy
from sharemtc.storage.records import Record
from sharemtc.storage.transactions import Refusal, Transaction

PREFIX = "smtc_"
SECRET_BYTES = 32
SHOWN_CHARS = 17
USE_RECORDED_EVERY = timedelta(minutes=1)
_FORM = re.compile(rf"smtc_({ULID})_([A-Za-z0-9_-]{{43,64}})")


class Scope(StrEnum):
    """`read` allows GET, `write` every other method. There is no `auth:write`: a key cannot change credentials."""

    AUTH_READ = "auth:read"
    CATALOG_READ = "catalog:read"
    RESOURCES_READ = "resources:read"
    RESOURCES_WRITE = "resources:write"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    PROVIDER_READ = "provider:read"
    PROVIDER_WRITE = "provider:write"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


class CapReached(PaymentRequired):
    code, title = "api_key_cap_reached", "Spend cap of the API key reached"


class ApiKey(Record):
    """`pk` `APIKEY#<id>`, `sk` `APIKEY`. `prefix` is the part that is shown; `ends_at` is checked at every use.

    `committed_micros`: the sum of the holds for orders with the key, at most `spend_cap_micros`.
    """

    class Meta:
        table_name = table_name("accounts")

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    name = UnicodeAttribute()
    prefix = UnicodeAttribute()
    secret_hash = UnicodeAttribute()
    scopes = DocumentAttribute(tuple[str, ...])
    spend_cap_micros = IntegerAttribute(null=True)
    committed_micros = IntegerAttribute(default=0)
    created_at = InstantAttribute()
    ends_at = InstantAttribute(null=True)
    last_used_at = InstantAttribute(null=True)


class _Owner(Record):
    """The one attribute that is read of the owner's `User` record."""

    class Meta:
        table_name = table_name("accounts")

    role = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Bearer:
    """The owner of a valid key, with their current role."""

    key_id: str
    user_id: str
    role: str
    scopes: frozenset[str]


def api_key_of(key_id: str) -> tuple[str, str]:
    return f"APIKEY#{key_id}", "APIKEY"


def make_secret(key_id: str) -> tuple[str, str]:
    """The text of a new key, shown once, and the hash to store. `key_id` is `apk_<ulid>`."""
    text = f"{PREFIX}{key_id.partition('_')[2]}_{clock.new_secret(SECRET_BYTES)}"
    return text, _hash(text)


def verify(text: str, origin: Origin) -> Bearer | None:
    """The owner of the key; None when the key does not exist or has expired, or the account was deleted."""
    parts = _FORM.fullmatch(text)
    if parts is None:
        return None
    key = ApiKey.find(*api_key_of(f"apk_{parts[1]}"))
    if key is None or not hmac.compare_digest(key.secret_hash, _hash(text)):
        return None
    now = clock.now()
    if key.ends_at is not None and key.ends_at <= now:
        return None
    owner = _owner(key.user_id)
    if owner is None:
        return None
    _record_use(key, now, origin)
    return Bearer(key.id, key.user_id, owner.role, frozenset(key.scopes))


def commit_spending(transaction: Transaction, key_id: str, amount_micros: int) -> None:
    """Count an order's hold towards the key's cap, in the order's transaction. Errors: `CapReached`."""
    transaction.combined(_Commitments).amounts_micros[key_id] += amount_micros


class _Commitments:
    """The holds of one transaction by key, so that an order of several machines writes the key's record once."""

    def __init__(self) -> None:
        self.amounts_micros: Counter[str] = Counter()

    def add_to(self, transaction: Transaction) -> None:
        for key_id, amount in self.amounts_micros.items():
            _count(transaction, key_id, amount)


def _count(transaction: Transaction, key_id: str, amount_micros: int) -> None:
    key = ApiKey.find(*api_key_of(key_id))
    if key is None or key.spend_cap_micros is None:
        return
    refused: Refusal = CapReached(
        f"{amount_micros} micro-USD more would exceed the cap of {key.spend_cap_micros}.",
        spend_cap_micros=key.spend_cap_micros,
    )
    if amount_micros > key.spend_cap_micros:
        raise CapReached(f"The cap is {key.spend_cap_micros} micro-USD.", spend_cap_micros=key.spend_cap_micros)
    room = ApiKey.committed_micros <= key.spend_cap_micros - amount_micros
    transaction.update(key, [ApiKey.committed_micros.add(amount_micros)], room, refused=refused)


def _owner(user_id: str) -> _Owner | None:
    try:
        return _Owner.get(f"USER#{user_id}", "USER", consistent_read=True, attributes_to_get=["role"])
    except _Owner.DoesNotExist:
        return None


def _record_use(key: ApiKey, now: datetime, origin: Origin) -> None:
    there = ApiKey.pk.exists()
    if key.last_used_at is not None and now - key.last_used_at < USE_RECORDED_EVERY:
        return

    def write(transaction: Transaction) -> None:
        first = ApiKey.last_used_at.does_not_exist()
        condition = there & first if key.last_used_at is None else there
        transaction.update(key, [ApiKey.last_used_at.set(now)], condition, refused=NotFound())
        if key.last_used_at is None:
            audit.append(transaction, key.user_id, AuditEvent.API_KEY_FIRST_USED, origin, key_id=key.id)

    try:
        audit.commit(write)
    except (NotFound, Busy):
        return  # the key was just revoked, or another request recorded its use


def _hash(text: str) -> str:
    # 256 random bits need neither a salt nor a slow hash
    return hashlib.sha256(text.encode()).hexdigest()
