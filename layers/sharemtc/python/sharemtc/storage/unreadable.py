"""Stored records that cannot be read or shown: lists omit them, so that one bad record does not break a list.

Each is logged and counted in the response header `X-Omitted-Records`. Reading one by itself gives a 500. Balances and
bills never omit records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sharemtc import observability, request_context

K = TypeVar("K")
R = TypeVar("R")
V = TypeVar("V")

# what parsing a record or building its view raises; failures of storage are other errors
READ_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class UnreadableRecord(Exception):
    """A stored record does not match its class."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key}")
        self.kind, self.key = kind, key


def omit(what: str, error: Exception) -> None:
    # only the type of the error: its message may contain what is stored
    cause = error.__cause__ or error
    observability.logger().error("record_omitted", extra={"record": what, "fault": type(cause).__name__})
    request_context.count_omitted()


def skip_unreadable(records: Iterable[R]) -> Iterator[R]:
    """The records of a query, without those that cannot be read."""
    rest = iter(records)
    while True:
        try:
            record = next(rest)
        except StopIteration:
            return
        except UnreadableRecord as error:
            omit(str(error), error)
        else:
            yield record


def row_lookup(find_many: Callable[[Sequence[K]], Mapping[K, V]], keys: Sequence[K]) -> Callable[[K], V | None]:
    """A lookup for the rows of a list: one read for all keys, or one per key if a record cannot be read, so that only
    its row fails.
    """
    try:
        return find_many(keys).get
    except UnreadableRecord:
        return lambda key: find_many([key]).get(key)


def views(build: Callable[[R], V], records: Iterable[R]) -> list[V]:
    """`build` of each record, without those for which it fails."""
    made = []
    for record in records:
        try:
            made.append(build(record))
        except (*READ_ERRORS, UnreadableRecord) as error:
            omit(name_of(record), error)
    return made


def name_of(record: object) -> str:
    return f"{type(record).__name__} {getattr(record, 'pk', None) or getattr(record, 'id', None) or '?'}"
