"""Creates, lists and revokes API keys. `sharemtc.api_keys` verifies them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sharemtc import clock
from sharemtc.accounts.schemas import ApiKeyCreate, ApiKeyMade, ApiKeyPage, ApiKeyView
from sharemtc.accounts.table import API_KEY_PREFIX, ApiKeyEntry, User, user_key
from sharemtc.api_keys import SHOWN_CHARS, ApiKey, api_key_of, make_secret
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.idempotency import Claim
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound
from sharemtc.schemas import PageQuery
from sharemtc.storage.pages import page
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction
from sharemtc.storage.unreadable import views

MAX_API_KEYS = 50


class TooManyApiKeys(Conflict):
    code, title = "too_many_api_keys", f"An account can have at most {MAX_API_KEYS} API keys"


def create(user_id: str, body: ApiKeyCreate, origin: Origin, claim: Claim) -> ApiKeyMade:
    """Create a key; only the response contains its text. Errors: `Invalid`, `TooManyApiKeys`."""
    now = clock.now()
    _refuse_past(body.expires_at, now)
    key_id, pk = new_id(IdKind.API_KEY), user_key(user_id)
    text, secret_hash = make_secret(key_id)
    scopes = tuple(sorted({scope.value for scope in body.scopes}))
    key = ApiKey(
        *api_key_of(key_id),
        id=key_id,
        user_id=user_id,
        name=body.name,
        prefix=text[:SHOWN_CHARS],
        secret_hash=secret_hash,
        scopes=scopes,
        spend_cap_micros=body.spend_cap_micros,
        created_at=now,
        ends_at=body.expires_at,
    )
    entry = ApiKeyEntry(pk, f"{API_KEY_PREFIX}{key_id}", key_id=key_id)
    made = ApiKeyMade(**_shown(key), key=text)

    def write(transaction: Transaction) -> None:
        room = User.pk.exists() & (User.api_key_count.does_not_exist() | (User.api_key_count < MAX_API_KEYS))
        transaction.update(User(pk, "USER"), [User.api_key_count.add(1)], room, refused=TooManyApiKeys())
        transaction.create(key)
        transaction.create(entry)
        audit.append(transaction, user_id, AuditEvent.API_KEY_CREATED, origin, key_id=key_id)
        claim.record(transaction, made)

    audit.commit(write)
    return made


def list_api_keys(user_id: str, query: PageQuery) -> ApiKeyPage:
    found = page(
        ApiKeyEntry,
        user_key(user_id),
        limit=query.limit,
        cursor=query.cursor,
        range_condition=ApiKeyEntry.sk.startswith(API_KEY_PREFIX),
    )
    wanted = [api_key_of(entry.key_id) for entry in found.items]
    keys = batch_find(ApiKey, wanted, unreadable_keys=set())
    items = tuple(views(lambda key: ApiKeyView(**_shown(key)), [keys[place] for place in wanted if place in keys]))
    return ApiKeyPage(items=items, next_cursor=found.next_cursor)


def revoke(user_id: str, key_id: str, origin: Origin) -> None:
    """Errors: `NotFound`."""
    pk, missing = user_key(user_id), NotFound("There is no such key.")
    entry = ApiKeyEntry.find(pk, f"{API_KEY_PREFIX}{key_id}")
    if entry is None:
        raise missing

    def write(transaction: Transaction) -> None:
        transaction.delete(entry, ApiKeyEntry.pk.exists(), refused=missing)
        transaction.delete(ApiKey(*api_key_of(key_id)))
        transaction.update(User(pk, "USER"), [User.api_key_count.add(-1)])
        audit.append(transaction, user_id, AuditEvent.API_KEY_REVOKED, origin, key_id=key_id)

    audit.commit(write)


def revoke_all(user_id: str) -> None:
    for entry in list(ApiKeyEntry.under(user_key(user_id), API_KEY_PREFIX)):
        transaction = Transaction()
        transaction.delete(ApiKey(*api_key_of(entry.key_id)))
        transaction.delete(entry)
        transaction.commit()


def _shown(key: ApiKey) -> dict[str, Any]:
    names = set(ApiKeyView.model_fields) - {"expires_at"}
    return {**{name: getattr(key, name) for name in names}, "expires_at": key.ends_at}


def _refuse_past(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise Invalid(errors=(FieldError("/expires_at", "in_the_past", "Give a time in the future."),))
