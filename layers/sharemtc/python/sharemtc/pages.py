"""Lists, a page at a time, by signed cursors.

A cursor holds the last key that was read, and is good for one list of one caller: it is signed together with the
list's path, its filters and the caller's id. Anything else sent as a cursor is refused by name.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sharemtc import calls, sealing
from sharemtc.problems import FieldError, Invalid

if TYPE_CHECKING:
    from pynamodb.attributes import UnicodeAttribute
    from pynamodb.expressions.condition import Condition
    from pynamodb.indexes import GlobalSecondaryIndex

    from sharemtc.dynamo import Record

R = TypeVar("R", bound="Record")
_PURPOSE = "list cursor"
_MERGED = "*"


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list and the opaque cursor of the next, if there is one."""

    items: tuple[R, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class _Position:
    """Where a page begins: after `key` in `partition`, or at its beginning."""

    partition: str
    key: dict[str, Any] | None


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
    """`limit` records of one partition, after `cursor`. `keep` filters what was read and reads on until full.

    Errors: `Invalid` naming `/cursor` when the cursor is not one of this list.
    """
    start = _read(cursor, [partition]).key if cursor is not None else None
    found: list[R] = []
    while True:
        results = source.query(
            partition,
            range_condition,
            scan_index_forward=not newest_first,
            limit=limit - len(found),
            last_evaluated_key=start,
        )
        batch = list(results)
        found += [record for record in batch if keep is None or keep(record)]
        start = results.last_evaluated_key
        if start is None or len(found) >= limit:
            return Page(tuple(found), _write(_Position(partition, start)) if start else None)


def page_buckets(
    source: type[R] | GlobalSecondaryIndex[R],
    buckets: list[str],
    *,
    limit: int,
    cursor: str | None,
    range_condition: Condition | None = None,
    keep: Callable[[R], bool] | None = None,
) -> Page[R]:
    """`limit` records of a list that is spread over time buckets, newest bucket and newest record first.

    Errors: `Invalid` naming `/cursor`.
    """
    at = _read(cursor, buckets) if cursor is not None else None
    key = at.key if at is not None else None
    found: list[R] = []
    for index in range(buckets.index(at.partition) if at is not None else 0, len(buckets)):
        while True:
            results = source.query(
                buckets[index],
                range_condition,
                scan_index_forward=False,
                limit=limit - len(found),
                last_evaluated_key=key,
            )
            found += [record for record in results if keep is None or keep(record)]
            key = results.last_evaluated_key
            if key is None or len(found) >= limit:
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
    """`limit` records of a list that is spread over shards, merged by `order`: the range key, unique in the list.

    Errors: `Invalid` naming `/cursor`.
    """
    condition, place = None, order.attr_name
    if cursor is not None:
        after = (_read(cursor, [_MERGED]).key or {})["after"]
        condition = order < after if newest_first else order > after
    # each is read on only as far as the merge gets
    queries = [
        source.query(shard, condition, scan_index_forward=not newest_first, page_size=limit + 1) for shard in shards
    ]
    found: list[R] = []
    for record in heapq.merge(*queries, key=lambda one: str(getattr(one, place)), reverse=newest_first):
        if keep is not None and not keep(record):
            continue
        if len(found) == limit:
            return Page(tuple(found), _write(_Position(_MERGED, {"after": getattr(found[-1], place)})))
        found.append(record)
    return Page(tuple(found), None)


def seal(list_name: str, key: dict[str, Any]) -> str:
    """A cursor of a list that reads its records in its own way: where it goes on, for this caller and path only."""
    return _write(_Position(list_name, key))


def unseal(cursor: str, list_names: list[str]) -> tuple[str, dict[str, Any]]:
    """What `seal` was given. Errors: `Invalid` naming `/cursor`."""
    position = _read(cursor, list_names)
    return position.partition, position.key or {}


def _write(position: _Position) -> str:
    text = json.dumps([position.partition, position.key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(sealing.sign(_PURPOSE, _bound(text)) + text).rstrip(b"=").decode()


def _read(cursor: str, partitions: list[str]) -> _Position:
    wrong = Invalid(errors=(FieldError("/cursor", "cursor", "This cursor does not belong to this list."),))
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    mac, text = raw[: sealing.MAC_BYTES], raw[sealing.MAC_BYTES :]
    if not sealing.is_signed(_PURPOSE, _bound(text), mac):
        raise wrong
    partition, key = json.loads(text)
    # a bucket may have left the list since, say with the month
    if partition not in partitions:
        raise wrong
    return _Position(partition, key)


def _bound(text: bytes) -> bytes:
    call = calls.current()
    list_of = json.dumps([call.path, call.filters, call.principal_id] if call is not None else [])
    return list_of.encode() + b"\n" + text
