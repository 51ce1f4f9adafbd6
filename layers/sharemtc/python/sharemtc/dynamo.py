"""DynamoDB for records: typed attributes, the base record, transactions that know why they were refused, pages.

A table belongs to one domain and holds several kinds of record under (`pk`, `sk`). Truth changes only by conditional
writes: a `Transaction` collects them, each with the problem that its refused condition means.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter
from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import NUMBER, STRING
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from sharemtc import clock
from sharemtc.problems import Conflict, FieldError, Invalid, Problem, Unavailable

E = TypeVar("E", bound=StrEnum)
M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", bound="Record")


class IntegerAttribute(Attribute[int]):
    """A whole number. pynamodb's own NumberAttribute is typed float, which no money or count may be."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{self.attr_name}: {value!r} is not a whole number")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class InstantAttribute(Attribute[datetime]):
    """A UTC instant, stored as whole milliseconds since the Unix epoch."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(clock.to_ms(value))

    def deserialize(self, value: str) -> datetime:
        return clock.from_ms(int(value))


class ExpiryAttribute(Attribute[datetime]):
    """A UTC instant in whole seconds, the unit in which DynamoDB's time to live wants it."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(clock.to_ms(value) // 1000)

    def deserialize(self, value: str) -> datetime:
        return clock.from_ms(int(value) * 1000)


class EnumAttribute(Attribute[E], Generic[E]):
    """A member of a string enum, stored as its value."""

    attr_type = STRING

    def __init__(self, enum: type[E], **options: Any) -> None:
        super().__init__(**options)
        self.enum = enum

    def serialize(self, value: E) -> str:
        return str(self.enum(value).value)

    def deserialize(self, value: str) -> E:
        return self.enum(value)


class DocumentAttribute(Attribute[Any]):
    """A value of a pydantic-typed annotation (a model, a tuple of models), stored as JSON text."""

    attr_type = STRING

    def __init__(self, annotation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def serialize(self, value: Any) -> str:
        return self.adapter.dump_json(value).decode()

    def deserialize(self, value: str) -> Any:
        return self.adapter.validate_json(value)


class Record(Model):
    """A stored record, keyed by `pk` and `sk`. Each table has one subclass holding its `Meta`."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # pynamodb makes a botocore client for each model, tens of milliseconds of CPU each: one serves all of them
        table = super()._get_connection()
        if table.connection._client is None:
            table.connection._client = _connection().client
        return table

    @classmethod
    def find(cls: type[R], pk: str, sk: str, *, consistent: bool = True) -> R | None:
        """The record under that key, or None."""
        try:
            return cls.get(pk, sk, consistent_read=consistent)
        except DoesNotExist:
            return None

    @classmethod
    def under(cls: type[R], pk: str, prefix: str, *, consistent: bool = True) -> Iterator[R]:
        """All records of one partition whose `sk` begins with `prefix`, in order."""
        return iter(cls.query(pk, cls.sk.startswith(prefix), consistent_read=consistent))


class Busy(Unavailable):
    """Others write the same records; the bounded retries are used up."""

    code, title = "busy", "Too many changes to the same thing at once"


class Moved(Conflict):
    """Another writer was first, and the decision must be made again from what is stored now."""

    code, title, retryable = "moved", "It changed meanwhile", True


T = TypeVar("T")
MAX_DECISIONS = 8


def decide_again(decide: Callable[[], T]) -> T:
    """Run `decide` (read, decide, commit), again when another writer was first, a bounded number of times."""
    for _ in range(MAX_DECISIONS - 1):
        try:
            return decide()
        except Moved:
            time.sleep(0.002 * (1 + clock.choose_index(20)))
    return decide()


Refusal = Problem | Callable[[], Problem]


class _Kind(IntEnum):
    """The order in which pynamodb sends a transaction's writes, and so the order of the reasons that come back."""

    CHECK = 0
    DELETE = 1
    PUT = 2
    UPDATE = 3


@dataclass(frozen=True)
class _Write:
    kind: _Kind
    apply: Callable[[TransactWrite], None]
    refused: Refusal | None


class Transaction:
    """Writes that all happen or none; `commit` raises the problem of the first write whose condition was refused.

    A write without a `refused` problem must not be refusable: its refusal is a programming error and surfaces as such.
    """

    MAX_ATTEMPTS = 8
    MAX_WRITES = 100

    def __init__(self) -> None:
        self._writes: list[_Write] = []

    def put(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
        """Write the whole record."""
        self._add(_Kind.PUT, lambda tx: tx.save(record, condition=condition), refused)

    def create(self, record: Record, *, refused: Refusal | None = None) -> None:
        """Write the record if none is under its key."""
        self.put(record, type(record).pk.does_not_exist(), refused=refused)

    def update(
        self,
        record: Record,
        actions: list[Action],
        condition: Condition | None = None,
        *,
        refused: Refusal | None = None,
    ) -> None:
        """Apply arithmetic or assignments to the stored record; `record` gives only the key."""
        self._add(_Kind.UPDATE, lambda tx: tx.update(record, actions=actions, condition=condition), refused)

    def delete(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
        """Delete the record."""
        self._add(_Kind.DELETE, lambda tx: tx.delete(record, condition=condition), refused)

    def check(self, record: Record, condition: Condition, *, refused: Refusal) -> None:
        """Demand `condition` of a record that is not written."""
        cls, pk, sk = type(record), record.pk, record.sk
        self._add(_Kind.CHECK, lambda tx: tx.condition_check(cls, pk, sk, condition=condition), refused)

    def _add(self, kind: _Kind, apply: Callable[[TransactWrite], None], refused: Refusal | None) -> None:
        self._writes.append(_Write(kind, apply, refused))

    def commit(self) -> None:
        """Do it. Conflicts with other transactions are retried a bounded number of times; then `Busy`."""
        assert 0 < len(self._writes) <= self.MAX_WRITES
        for attempt in range(self.MAX_ATTEMPTS):
            try:
                with TransactWrite(connection=_connection()) as transaction:
                    for write in self._writes:
                        write.apply(transaction)
                return
            except TransactWriteError as error:
                reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
                refused = self._first_refused(reasons)
                if refused is not None:
                    raise (refused if isinstance(refused, Problem) else refused()) from error
                if "TransactionConflict" not in reasons:
                    raise
            time.sleep(0.005 * 2**attempt * (1 + clock.choose_index(100) / 100))
        raise Busy("Others are changing the same records; try again in a moment.")

    def _first_refused(self, reasons: list[str | None]) -> Refusal | None:
        """The problem of the write, in the order of the calls, whose condition was refused; reasons come as sent."""
        sent = sorted(range(len(self._writes)), key=lambda index: self._writes[index].kind)
        failed = {index for index, reason in zip(sent, reasons, strict=False) if reason == "ConditionalCheckFailed"}
        return next((self._writes[index].refused for index in sorted(failed) if self._writes[index].refused), None)


_connections: dict[str, Connection] = {}


def _connection() -> Connection:
    if "default" not in _connections:
        _connections["default"] = Connection()
    return _connections["default"]


def forget_connections() -> None:
    """Drop cached clients, so that the next call sees a changed endpoint. For tests."""
    _connections.clear()
    stack: list[type[Model]] = [Record]
    while stack:
        model = stack.pop()
        stack.extend(model.__subclasses__())
        model._connection = None


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list and the opaque cursor of the next, if there is one."""

    items: tuple[R, ...]
    next_cursor: str | None


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
    start = _decode_cursor(cursor, partition) if cursor else None
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
            return Page(tuple(found), _encode_cursor(start, partition) if start else None)


def _encode_cursor(key: dict[str, Any], partition: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([partition, key], separators=(",", ":")).encode()).rstrip(b"=").decode()


def _decode_cursor(cursor: str, partition: str) -> dict[str, Any]:
    wrong = Invalid(errors=(FieldError("/cursor", "cursor", "This cursor does not belong to this list."),))
    try:
        owner, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise wrong from error
    if owner != partition or not isinstance(key, dict) or not all(_is_key_value(value) for value in key.values()):
        raise wrong
    return key


def _is_key_value(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) == 1
        and set(value) <= {"S", "N"}
        and all(isinstance(inner, str) for inner in value.values())
    )


def batch_find(model: type[R], keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], R]:
    """The records that exist under `keys`."""
    return {(record.pk, record.sk): record for record in model.batch_get(list(keys), consistent_read=True)}


def page_buckets(source: type[R], buckets: list[str], *, limit: int, cursor: str | None) -> Page[R]:
    """`limit` records of a list that is spread over time buckets, newest bucket and newest record first.

    Errors: `Invalid` naming `/cursor`.
    """
    bucket, inner = _decode_bucket_cursor(cursor, buckets) if cursor else (0, None)
    found: list[R] = []
    for index in range(bucket, len(buckets)):
        part = page(source, buckets[index], limit=limit - len(found), cursor=inner)
        inner = None
        found += part.items
        if part.next_cursor is not None:
            return Page(tuple(found), f"{buckets[index]}~{part.next_cursor}")
        if len(found) == limit:
            following = f"{buckets[index + 1]}~" if index + 1 < len(buckets) else None
            return Page(tuple(found), following)
    return Page(tuple(found), None)


def _decode_bucket_cursor(cursor: str, buckets: list[str]) -> tuple[int, str | None]:
    bucket, _, inner = cursor.partition("~")
    if bucket not in buckets:
        raise Invalid(errors=(FieldError("/cursor", "cursor", "This cursor does not belong to this list."),))
    return buckets.index(bucket), inner or None
