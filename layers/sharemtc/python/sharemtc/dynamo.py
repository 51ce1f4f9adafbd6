"""DynamoDB for records: typed attributes, the base record, transactions that know why they were refused.

A table belongs to one domain and holds several kinds of record under (`pk`, `sk`). Truth changes only by conditional
writes: a `Transaction` collects them, each with the problem that its refused condition means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from pydantic import BaseModel, TypeAdapter
from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import BATCH_GET_PAGE_LIMIT, NUMBER, STRING
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from sharemtc import calls, clock
from sharemtc.pages import Page as Page
from sharemtc.pages import page as page
from sharemtc.pages import page_buckets as page_buckets
from sharemtc.pages import page_shards as page_shards
from sharemtc.problems import Conflict, Problem, Unavailable
from sharemtc.unreadable import FAULTS, UnreadableRecord, skip_unreadable

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
    """A member of a string enum, stored as its value; `unknown` is what a value of another release reads as."""

    attr_type = STRING

    def __init__(self, enum: type[E], *, unknown: E | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.enum, self.unknown = enum, unknown

    def serialize(self, value: E) -> str:
        return str(self.enum(value).value)

    def deserialize(self, value: str) -> E:
        if self.unknown is not None and value not in self.enum.__members__.values():
            return self.unknown
        return self.enum(value)


class DocumentAttribute(Attribute[Any]):
    """A value of a pydantic-typed annotation (a model, a tuple of models), stored as JSON text."""

    attr_type = STRING

    def __init__(self, annotation: Any, **options: Any) -> None:
        super().__init__(**options)
        self._annotation = annotation

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Built at first use: a process imports more records than it reads."""
        return TypeAdapter(self._annotation)

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
    def from_raw_data(cls: type[R], data: dict[str, Any]) -> R:
        """A stored item as a record. Errors: `UnreadableRecord`."""
        try:
            return super().from_raw_data(data)
        except FAULTS as error:
            raise UnreadableRecord(cls.__name__, " ".join(_place_of(data))) from error

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

    def __init__(self, detail: str = "", *, retry_after_s: int = 1, **extra: Any) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **extra)


class StorageUnavailable(Unavailable):
    """The tables do not answer, or ask us to slow down."""

    code, title = "storage_unavailable", "Storage does not answer right now"


class StorageFull(Unavailable):
    """There is no room for what was to be stored. Only an embedded cloud says so, whose tables lie on one disk."""

    status, code, title = 507, "storage_full", "Nothing more can be stored right now"


_FULL_CODE = "StorageFullException"
_BUSY_CODES = frozenset(
    {
        "InternalServerError", "LimitExceededException", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "ThrottlingException",
        "TransactionConflictException", "TransactionInProgressException",
    }
)  # fmt: skip
_BUSY_REASONS = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


def outage_of(error: BaseException) -> StorageUnavailable | StorageFull | None:
    """The problem that stands for a failure of storage itself; None when the failure is another."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return None
        code = seen.response["Error"]["Code"] if isinstance(seen, ClientError) else None
        if code == _FULL_CODE:
            return StorageFull("The platform's disk is full and nothing was stored. Try again later.", retry_after_s=30)
        if isinstance(seen, NotConnected | HTTPClientError) or code in _BUSY_CODES:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        if isinstance(seen, TransactWriteError) and _BUSY_REASONS & {r.code for r in seen.cancellation_reasons if r}:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        seen = seen.__cause__ or getattr(seen, "cause", None) or seen.__context__
    return None


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


class Gathered(Protocol):
    """Changes that several callers make to the same records of one transaction, as one write for each record."""

    def add_to(self, transaction: Transaction) -> None:
        """Add the writes."""


G = TypeVar("G", bound=Gathered)


class Transaction:
    """Writes that all happen or none; `commit` raises the problem of the first write whose condition was refused.

    A write without a `refused` problem must not be refusable: its refusal is a programming error and surfaces as such.
    """

    MAX_ATTEMPTS = 8
    MAX_WRITES = 100

    def __init__(self) -> None:
        self._steps: list[_Write | Gathered] = []

    def gathered(self, kind: type[G]) -> G:
        """The transaction's one object of this kind, whose writes stand where it was first asked for."""
        for step in self._steps:
            if isinstance(step, kind):
                return step
        made = kind()
        self._steps.append(made)
        return made

    def put(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
        """Write the whole record."""
        self._add(_Kind.PUT, lambda tx: tx.save(record, condition=condition), refused)

    def create(self, record: Record, *, refused: Refusal | None = None) -> None:
        """Write the record if none is under its key."""
        self.put(record, type(record).pk.does_not_exist(), refused=refused)

    def update(
        self,
        record: Record,
        actions: Sequence[Action],
        condition: Condition | None = None,
        *,
        refused: Refusal | None = None,
    ) -> None:
        """Apply arithmetic or assignments to the stored record; `record` gives only the key."""
        self._add(_Kind.UPDATE, lambda tx: tx.update(record, actions=list(actions), condition=condition), refused)

    def delete(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
        """Delete the record."""
        self._add(_Kind.DELETE, lambda tx: tx.delete(record, condition=condition), refused)

    def check(self, record: Record, condition: Condition, *, refused: Refusal) -> None:
        """Demand `condition` of a record that is not written."""
        cls, pk, sk = type(record), record.pk, record.sk
        self._add(_Kind.CHECK, lambda tx: tx.condition_check(cls, pk, sk, condition=condition), refused)

    def _add(self, kind: _Kind, apply: Callable[[TransactWrite], None], refused: Refusal | None) -> None:
        self._steps.append(_Write(kind, apply, refused))

    def _writes(self) -> list[_Write]:
        """Every write in the order of the calls, what was gathered included."""
        found: list[_Write] = []
        for step in self._steps:
            if isinstance(step, _Write):
                found.append(step)
            else:
                part = Transaction()
                step.add_to(part)
                found += part._writes()
        return found

    def commit(self) -> None:
        """Do it. Conflicts with other transactions are retried a bounded number of times; then `Busy`."""
        writes = self._writes()
        assert 0 < len(writes) <= self.MAX_WRITES
        for attempt in range(self.MAX_ATTEMPTS):
            calls.count_transaction()
            try:
                with TransactWrite(connection=_connection()) as transaction:
                    for write in writes:
                        write.apply(transaction)
                return
            except TransactWriteError as error:
                reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
                refused = _first_refused(writes, reasons)
                if refused is not None:
                    raise (refused if isinstance(refused, Problem) else refused()) from error
                if not _AGAIN.intersection(reasons):
                    raise
            time.sleep(0.005 * 2**attempt * (1 + clock.choose_index(100) / 100))
        raise Busy("Others are changing the same records; try again in a moment.")


def _first_refused(writes: list[_Write], reasons: list[str | None]) -> Refusal | None:
    """The problem of the write, in the order of the calls, whose condition was refused; reasons come as sent."""
    sent = sorted(range(len(writes)), key=lambda index: writes[index].kind)
    failed = {index for index, reason in zip(sent, reasons, strict=False) if reason == "ConditionalCheckFailed"}
    return next((writes[index].refused for index in sorted(failed) if writes[index].refused), None)


_AGAIN = _BUSY_REASONS | {"TransactionConflict"}
# a function that waits longer than its caller does answers nobody
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, MAX_RETRIES = 2.0, 4.0, 2

_connections: dict[str, Connection] = {}


def _connection() -> Connection:
    if "default" not in _connections:
        _connections["default"] = Connection(
            connect_timeout_seconds=CONNECT_TIMEOUT_S,
            read_timeout_seconds=READ_TIMEOUT_S,
            max_retry_attempts=MAX_RETRIES,
        )
    return _connections["default"]


def forget_connections() -> None:
    """Drop cached clients, so that the next call sees a changed endpoint. For tests."""
    _connections.clear()
    stack: list[type[Model]] = [Record]
    while stack:
        model = stack.pop()
        stack.extend(model.__subclasses__())
        model._connection = None


def batch_find(
    model: type[R], keys: Iterable[tuple[str, str]], *, spoiled: set[tuple[str, str]] | None = None
) -> dict[tuple[str, str], R]:
    """The records that exist under `keys`. Errors: `UnreadableRecord`, unless `spoiled` takes the keys of such ones."""
    waiting = [{"pk": pk, "sk": sk} for pk, sk in dict.fromkeys(keys)]
    found: dict[tuple[str, str], R] = {}
    while waiting:
        # not by `batch_get`, a generator that ends with the first record that cannot be read
        items, unprocessed = model._batch_get_page(  # type: ignore[no-untyped-call]
            waiting[:BATCH_GET_PAGE_LIMIT], consistent_read=True, attributes_to_get=None
        )
        waiting = waiting[BATCH_GET_PAGE_LIMIT:] + (unprocessed or [])
        records = map(model.from_raw_data, items)
        read = {(record.pk, record.sk): record for record in (records if spoiled is None else skip_unreadable(records))}
        if spoiled is not None:
            spoiled |= {_place_of(item) for item in items} - read.keys()
        found |= read
    return found


def _place_of(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
