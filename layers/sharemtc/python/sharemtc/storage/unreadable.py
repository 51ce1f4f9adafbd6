"""Stored records that cannot be read, or shown, any more: each spoils its own row, never the list that it stands in.

A list goes on without such a record. It is logged, and counted on the call, whose answer says so in the header
`X-Omitted-Records`; asked for by itself, it is a failure of ours. Balances and bills never leave one out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sharemtc import observability, request_context

K = TypeVar("K")
R = TypeVar("R")
V = TypeVar("V")

# what reading a value or building a view of it raises; failures of storage are none of these
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class UnreadableRecord(Exception):
    """A record is not of the form that its kind has."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key}")
        self.kind, self.key = kind, key


def omit(what: str, error: Exception) -> None:
    """A list goes without `what`."""
    # by its kind alone: the error's words may hold what is stored
    cause = error.__cause__ or error
    observability.logger().error("record_omitted", extra={"record": what, "fault": type(cause).__name__})
    request_context.count_omitted()


def skip_unreadable(records: Iterable[R]) -> Iterator[R]:
    """The records of a query that can be read; it goes on behind one that cannot."""
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


def found_apart(find_many: Callable[[Sequence[K]], Mapping[K, V]], keys: Sequence[K]) -> Callable[[K], V | None]:
    """What `find_many` finds under each of these keys, for the rows of a list: read together; one by one if it cannot
    read something, so that only the row that needs that fails.
    """
    try:
        return find_many(keys).get
    except UnreadableRecord:
        return lambda key: find_many([key]).get(key)


def views(build: Callable[[R], V], records: Iterable[R]) -> list[V]:
    """What `build` makes of each record of which it can make anything."""
    made = []
    for record in records:
        try:
            made.append(build(record))
        except (*FAULTS, UnreadableRecord) as error:
            omit(name_of(record), error)
    return made


def name_of(record: object) -> str:
    """A record, or what holds one, by its kind and key."""
    return f"{type(record).__name__} {getattr(record, 'pk', None) or getattr(record, 'id', None) or '?'}"
