"""Patch: DynamoDB operations run one at a time.

Upstream, requests are served on the event loop, but state machines and the expiry of items call the same functions from
other threads without a lock, and concurrent updates are lost. Here every operation holds one re-entrant lock, and its
effects are journaled before the lock is released.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from infrastructure.local.emulator.durable_tables import StorageFull, TableJournal
from infrastructure.local.emulator.upstream import dynamodb, provisioners, require

READS = ("_get_item", "_query", "_scan", "_batch_get_item", "_transact_get_items", "_describe_table", "_list_tables")
WRITES = (
    "_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items", "_execute_statement",
    "_batch_execute_statement", "_execute_transaction", "_create_table", "_update_table", "_delete_table",
)  # fmt: skip
# the only operation of the emulator that undoes its writes in memory when it fails
ROLLS_BACK = "_execute_transaction"

# not an error of AWS, where tables have no limit; `sharemtc.storage` knows it. A 4xx, because the SDK retries a 5xx
FULL_CODE = "StorageFullException"


class OperationLock:
    """One re-entrant lock around operations; the outermost one commits to the journal."""

    def __init__(self, journal: TableJournal | None) -> None:
        self.lock = threading.RLock()
        self._journal = journal
        self._depth = 0

    def around(
        self, operation: Callable[..., Any], *, rolls_back: bool = False, answers: bool = False
    ) -> Callable[..., Any]:
        """An operation that ``answers`` a request is refused when the disk is full."""

        @functools.wraps(operation)
        def alone(*arguments: Any, **named: Any) -> Any:
            with self.lock:
                self._enter()
                answer = None
                try:
                    answer = operation(*arguments, **named)
                finally:
                    # an operation that raised may have written; what is in memory is stored in any case
                    self._leave(undone=rolls_back and answer is not None and answer[0] >= 400)
                return answer

        return _refused_when_full(alone) if answers else alone

        return alone

    def _enter(self) -> None:
        self._depth += 1
        if self._depth == 1 and self._journal is not None:
            self._journal.begin()

    def _leave(self, *, undone: bool) -> None:
        self._depth -= 1
        if self._depth == 0 and self._journal is not None:
            if undone:
                self._journal.rollback()
            else:
                self._journal.commit()


def _refused_when_full(operation: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(operation)
    def refused(*arguments: Any, **named: Any) -> Any:
        try:
            return operation(*arguments, **named)
        except StorageFull:
            return dynamodb.error_response_json(FULL_CODE, "There is no room to store this. Nothing was changed.", 400)

    return refused


def apply(operations: OperationLock) -> None:
    """Must come after the patches that replace operations."""
    require(dynamodb, "_lock", *READS, *WRITES)
    for name in (*READS, *WRITES):
        alone = operations.around(getattr(dynamodb, name), rolls_back=name == ROLLS_BACK, answers=True)
        setattr(dynamodb, name, alone)
    # the expiry thread holds this one while it removes items
    dynamodb._lock = operations.lock
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    for verb in ("create", "update", "delete"):
        handlers[verb] = operations.around(handlers[verb])
