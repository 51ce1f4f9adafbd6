"""The base record. A table belongs to one domain and holds several kinds of record under (`pk`, `sk`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import BATCH_GET_PAGE_LIMIT
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from sharemtc.storage.unreadable import READ_ERRORS, UnreadableRecord, skip_unreadable

R = TypeVar("R", bound="Record")
# shorter than the caller's own timeout
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, MAX_RETRIES = 2.0, 4.0, 2


class Record(Model):
    """A stored record, keyed by `pk` and `sk`. Each table has one subclass holding its `Meta`."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # pynamodb would make one botocore client per model, tens of milliseconds of CPU each; all models share one
        table = super()._get_connection()
        if table.connection._client is None:
            table.connection._client = connection().client
        return table

    @classmethod
    def from_raw_data(cls: type[R], data: dict[str, Any]) -> R:
        """A stored item as a record. Errors: `UnreadableRecord`."""
        try:
            return super().from_raw_data(data)
        except READ_ERRORS as error:
            raise UnreadableRecord(cls.__name__, " ".join(_place_of(data))) from error

    @classmethod
    def find(cls: type[R], pk: str, sk: str, *, consistent: bool = True) -> R | None:
        try:
            return cls.get(pk, sk, consistent_read=consistent)
        except DoesNotExist:
            return None

    @classmethod
    def under(cls: type[R], pk: str, prefix: str, *, consistent: bool = True) -> Iterator[R]:
        """All records of one partition whose `sk` begins with `prefix`, in the order of `sk`."""
        return iter(cls.query(pk, cls.sk.startswith(prefix), consistent_read=consistent))

    def save_if(self, condition: Condition) -> bool:
        """Write the whole record if `condition` holds; returns whether it did."""
        try:
            self.save(condition=condition)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def update_if(self, actions: Sequence[Action], condition: Condition) -> bool:
        """Apply `actions` if `condition` holds; returns whether it did."""
        try:
            self.update(list(actions), condition=condition)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True


_connections: dict[str, Connection] = {}


def connection() -> Connection:
    if "default" not in _connections:
        _connections["default"] = Connection(
            connect_timeout_seconds=CONNECT_TIMEOUT_S,
            read_timeout_seconds=READ_TIMEOUT_S,
            max_retry_attempts=MAX_RETRIES,
        )
    return _connections["default"]


def forget_connections() -> None:
    """Drop cached clients, so that a changed endpoint is used. For tests."""
    _connections.clear()
    stack: list[type[Model]] = [Record]
    while stack:
        model = stack.pop()
        stack.extend(model.__subclasses__())
        model._connection = None


def batch_find(
    model: type[R], keys: Iterable[tuple[str, str]], *, unreadable_keys: set[tuple[str, str]] | None = None
) -> dict[tuple[str, str], R]:
    """The records that exist under `keys`. Errors: `UnreadableRecord`, unless `unreadable_keys` is given to collect
    the keys of such records.
    """
    waiting = [{"pk": pk, "sk": sk} for pk, sk in dict.fromkeys(keys)]
    found: dict[tuple[str, str], R] = {}
    while waiting:
        # not with `batch_get`: that generator ends at the first record that cannot be read
        items, unprocessed = model._batch_get_page(  # type: ignore[no-untyped-call]
            waiting[:BATCH_GET_PAGE_LIMIT], consistent_read=True, attributes_to_get=None
        )
        waiting = waiting[BATCH_GET_PAGE_LIMIT:] + (unprocessed or [])
        records = map(model.from_raw_data, items)
        read = {
            (record.pk, record.sk): record
            for record in (records if unreadable_keys is None else skip_unreadable(records))
        }
        if unreadable_keys is not None:
            unreadable_keys |= {_place_of(item) for item in items} - read.keys()
        found |= read
    return found


def _place_of(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
