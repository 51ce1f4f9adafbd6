"""Pages of a list, with signed cursors.

A cursor holds the last key that was read and is valid for one list of one caller: the signature covers the path, the
filters and the caller's id.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sharemtc import encryption, request_context
from sharemtc.problems import FieldError, Invalid
from sharemtc.storage.unreadable import skip_unreadable

if TYPE_CHECKING:
    from pynamodb.attributes import UnicodeAttribute
    from pynamodb.expressions.condition import Condition
    from pynamodb.indexes import GlobalSecondaryIndex

    from sharemtc.storage.records import Record

R = TypeVar("R", bound="Record")
_PURPOSE = "list cursor"
_MERGED = "*"


# limits of the reads for one page, however many are filtered out; at the limit it ends early, with a cursor
MAX_RECORDS_READ = 1_000
MAX_QUERIES = 100
# the smallest batch of a filtered list
FILTERED_BATCH = 100


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list and the opaque cursor of the next. A page with few items, or none, may have a next one."""

    items: tuple[R, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class _Position:
    """Where a page begins: after `key` in `partition`, or at its beginning."""

    partition: str
    key: dict[str, Any] | None


@dataclass
class _Budget:
    """The reads that are left for one page."""

    records: int
    queries: int

    @property
    def spent(self) -> bool:
        return self.records <= 0 or self.queries <= 0


def page(
    source: type[R] | GlobalSecondaryIndex[R],
    partition: str,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool = True,
    range_condition: Condition | None = None,
    keep: Callable[[R], bool] | None = None,
) -> Page[R]:
    """`limit` records of one partition, after `cursor`. Use `keep`, which filters after reading, for few exclusions.

    Errors: `Invalid` naming `/cursor` when the cursor belongs to another list.
    """
    return page_buckets(
        source,
        [partition],
        limit=limit,
        cursor=cursor,
        newest_first=newest_first,
        range_condition=range_condition,
        keep=keep,
    )


def page_buckets(
    source: type[R] | GlobalSecondaryIndex[R],
    buckets: list[str],
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool = True,
    range_condition: Condition | None = None,
    keep: Callable[[R], bool] | None = None,
) -> Page[R]:
    """`limit` records of a list that is split into time buckets, in the order of `buckets`.

    Errors: `Invalid` naming `/cursor`.
    """
    at = _read(cursor, buckets) if cursor is not None else _Position(buckets[0], None)
    found: list[R] = []
    budget, key = _Budget(MAX_RECORDS_READ, MAX_QUERIES), at.key
    for index in range(buckets.index(at.partition), len(buckets)):
        while True:
            if budget.spent:
                return Page(tuple(found), _write(_Position(buckets[index], key)))
            wanted = limit - len(found)
            results = source.query(
                buckets[index],
                range_condition,
                scan_index_forward=not newest_first,
                limit=wanted if keep is None else min(max(wanted, FILTERED_BATCH), budget.records),
                last_evaluated_key=key,
            )
            batch = list(skip_unreadable(results))
            budget.queries -= 1
            budget.records -= len(batch)
            for number, record in enumerate(batch, 1):
                if keep is not None and not keep(record):
                    continue
                found.append(record)
                if len(found) == limit and number < len(batch):
                    return Page(tuple(found), _write(_Position(buckets[index], _key_of(source, record))))
            key = results.last_evaluated_key
            if key is None or len(found) == limit:
                break
        if key is not None:
            return Page(tuple(found), _write(_Position(buckets[index], key)))
        if len(found) == limit:
            following = _write(_Position(buckets[index + 1], None)) if index + 1 < len(buckets) else None
            return Page(tuple(found), following)
    return Page(tuple(found), None)


def page_shards(
    source: type[R] | GlobalSecondaryIndex[R],
    shards: list[str],
    order: UnicodeAttribute,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool = True,
    keep: Callable[[R], bool] | None = None,
) -> Page[R]:
    """`limit` records of a list that is split into shards, merged by `order`: the range key, unique in the list.

    Errors: `Invalid` naming `/cursor`.
    """
    condition, place = None, order.attr_name
    if cursor is not None:
        after = (_read(cursor, [_MERGED]).key or {})["after"]
        condition = order < after if newest_first else order > after
    # each shard is read only as far as the merge needs
    batch = 1 + 2 * (limit + 1) // len(shards) if keep is None else FILTERED_BATCH
    queries = [source.query(shard, condition, scan_index_forward=not newest_first, page_size=batch) for shard in shards]
    found: list[R] = []
    last: str | None = None
    merged = heapq.merge(*map(skip_unreadable, queries), key=lambda one: str(getattr(one, place)), reverse=newest_first)
    for seen, record in enumerate(merged):
        kept = keep is None or keep(record)
        if seen == MAX_RECORDS_READ or (kept and len(found) == limit):
            return Page(tuple(found), _write(_Position(_MERGED, {"after": last})))
        last = getattr(record, place)
        if kept:
            found.append(record)
    return Page(tuple(found), None)


def seal(list_name: str, key: dict[str, Any]) -> str:
    """A cursor for a list that does its own queries, valid for this caller and path only."""
    return _write(_Position(list_name, key))


def unseal(cursor: str, list_names: list[str]) -> tuple[str, dict[str, Any]]:
    """The arguments of `seal`. Errors: `Invalid` naming `/cursor`."""
    position = _read(cursor, list_names)
    return position.partition, position.key or {}


def _key_of(source: type[R] | GlobalSecondaryIndex[R], record: R) -> dict[str, Any]:
    """The `last_evaluated_key` of a query of `source` that ended at `record`; all keys are strings."""
    keys = {"pk", "sk"} if isinstance(source, type) else {"pk", "sk", *source.Meta.attributes}
    return {name: {"S": getattr(record, name)} for name in sorted(keys)}


def _write(position: _Position) -> str:
    text = json.dumps([position.partition, position.key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(encryption.sign(_PURPOSE, _bound(text)) + text).rstrip(b"=").decode()


def _read(cursor: str, partitions: list[str]) -> _Position:
    wrong = Invalid(errors=(FieldError("/cursor", "cursor", "This cursor does not belong to this list."),))
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    mac, text = raw[: encryption.MAC_BYTES], raw[encryption.MAC_BYTES :]
    if not encryption.is_signed(_PURPOSE, _bound(text), mac):
        raise wrong
    partition, key = json.loads(text)
    # a bucket may have left the list, e.g. when the month changed
    if partition not in partitions:
        raise wrong
    return _Position(partition, key)


def _bound(text: bytes) -> bytes:
    call = request_context.current()
    list_of = json.dumps([call.path, call.filters, call.principal_id] if call is not None else [])
    return list_of.encode() + b"\n" + text
