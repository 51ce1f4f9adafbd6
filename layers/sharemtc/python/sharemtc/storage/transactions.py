"""Transactions of conditional writes, each with the problem to raise when its condition fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeVar

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from sharemtc import clock, request_context
from sharemtc.problems import Conflict, Problem
from sharemtc.storage.failures import BUSY_REASONS, Busy
from sharemtc.storage.records import Record, connection


class WriteConflict(Conflict):
    """Another write came first: read again and decide again."""

    code, title, retryable = "moved", "Changed by another request", True


T = TypeVar("T")
MAX_DECISIONS = 8
_RETRYABLE = BUSY_REASONS | {"TransactionConflict"}


def retry_on_conflict(decide: Callable[[], T]) -> T:
    """Run `decide` (read, decide, commit), at most `MAX_DECISIONS` times while it raises `WriteConflict`."""
    for _ in range(MAX_DECISIONS - 1):
        try:
            return decide()
        except WriteConflict:
            time.sleep(0.002 * (1 + clock.choose_index(20)))
    return decide()


Refusal = Problem | Callable[[], Problem]


class _Kind(IntEnum):
    """The order in which pynamodb sends the writes, and so the order of the cancellation reasons."""

    CHECK = 0
    DELETE = 1
    PUT = 2
    UPDATE = 3


@dataclass(frozen=True)
class _Write:
    kind: _Kind
    apply: Callable[[TransactWrite], None]
    refused: Refusal | None


class CombinedWrites(Protocol):
    """Changes by several callers to the same records of one transaction, combined into one write per record."""

    def add_to(self, transaction: Transaction) -> None:
        """Add the writes."""


G = TypeVar("G", bound=CombinedWrites)


class Transaction:
    """Writes that all happen or none; `commit` raises the `refused` problem of the first write whose condition failed.

    The condition of a write without one must never fail: that is a bug, and raises `TransactWriteError`.
    """

    MAX_ATTEMPTS = 8
    MAX_WRITES = 100

    def __init__(self) -> None:
        self._steps: list[_Write | CombinedWrites] = []

    def combined(self, kind: type[G]) -> G:
        """The transaction's only object of this kind. Its writes are placed where it was first requested."""
        for step in self._steps:
            if isinstance(step, kind):
                return step
        made = kind()
        self._steps.append(made)
        return made

    def put(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
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
        """Apply `actions` to the stored record; `record` gives only the key."""
        self._add(_Kind.UPDATE, lambda tx: tx.update(record, actions=list(actions), condition=condition), refused)

    def delete(self, record: Record, condition: Condition | None = None, *, refused: Refusal | None = None) -> None:
        self._add(_Kind.DELETE, lambda tx: tx.delete(record, condition=condition), refused)

    def check(self, record: Record, condition: Condition, *, refused: Refusal) -> None:
        """Require `condition` of a record that is not written."""
        cls, pk, sk = type(record), record.pk, record.sk
        self._add(_Kind.CHECK, lambda tx: tx.condition_check(cls, pk, sk, condition=condition), refused)

    def _add(self, kind: _Kind, apply: Callable[[TransactWrite], None], refused: Refusal | None) -> None:
        self._steps.append(_Write(kind, apply, refused))

    def _writes(self) -> list[_Write]:
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
        """Conflicts with other transactions are retried, `MAX_ATTEMPTS` times in all. Errors: `Busy`, and `refused`."""
        writes = self._writes()
        assert 0 < len(writes) <= self.MAX_WRITES
        for attempt in range(self.MAX_ATTEMPTS):
            request_context.count_transaction()
            try:
                with TransactWrite(connection=connection()) as transaction:
                    for write in writes:
                        write.apply(transaction)
                return
            except TransactWriteError as error:
                reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
                refused = _first_refused(writes, reasons)
                if refused is not None:
                    raise (refused if isinstance(refused, Problem) else refused()) from error
                if not _RETRYABLE.intersection(reasons):
                    raise
            time.sleep(0.005 * 2**attempt * (1 + clock.choose_index(100) / 100))
        raise Busy("Other requests are changing the same records. Try again in a moment.")


def _first_refused(writes: list[_Write], reasons: list[str | None]) -> Refusal | None:
    """The problem of the first write, in the order of the calls, whose condition failed."""
    sent = sorted(range(len(writes)), key=lambda index: writes[index].kind)
    failed = {index for index, reason in zip(sent, reasons, strict=False) if reason == "ConditionalCheckFailed"}
    return next((writes[index].refused for index in sorted(failed) if writes[index].refused), None)
