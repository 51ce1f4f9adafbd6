"""Patch: DynamoDB tables survive a kill.

Upstream, state is written on a clean stop only. Here the two lowest functions that every write uses, and all that
create, change or delete a table, record their effect in a `Journal`. The records of one operation are stored together
before it is answered. If the disk is full, the operation is undone in memory and refused; reads continue, and so do
writes once there is room.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.local.emulator import instance
from infrastructure.local.emulator.journal import Journal, JournalUnusable, Record
from infrastructure.local.emulator.upstream import dynamodb, require
from infrastructure.local.progress import NOTE

Table = dict[str, Any]
PUT, REMOVE, TABLE, DROP, INSTANCE = "put", "remove", "table", "drop", "instance"
STORAGE_FAILED_STATUS = 74
TELL_EVERY_S = 5.0


class StorageFull(Exception):
    """The operation could not be stored, and was undone."""


@dataclass(frozen=True)
class Effect:
    """What an operation did: the record to store, and how to undo it in memory if possible."""

    record: Record
    undo: Callable[[], object] | None = None


class TableJournal:
    """Collects the effects of the running operation and stores them when it ends."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending = threading.local()
        self._full = False
        self.instance: str | None = None
        self._put = dynamodb._set_item
        self._remove = dynamodb._remove_item

    def replay(self, secrets: Path) -> int:
        """Restores every table. Returns the number of operations. Raises JournalDamaged, InstanceMismatch."""
        told_at = time.monotonic()

        def apply_and_tell(record: Record) -> None:
            nonlocal told_at
            self._apply(record)
            if time.monotonic() - told_at > TELL_EVERY_S:
                # each line printed here extends the launcher's timeout
                told_at = time.monotonic()
                print("replaying the journal of the tables", flush=True)

        operations = self._journal.replay(apply_and_tell)
        self.instance = instance.settle(secrets, self.instance)
        if self._journal.cut_bytes:
            say(f"the last write was cut off and never answered: its {self._journal.cut_bytes} bytes are removed")
        self._compact()
        return operations

    def begin(self) -> None:
        self._pending.effects = []

    def commit(self) -> None:
        """Stores what was recorded since `begin`. Raises StorageFull after undoing it."""
        effects: list[Effect] | None = getattr(self._pending, "effects", None)
        self._pending.effects = None
        if effects:
            self._store(effects)

    def rollback(self) -> None:
        self._pending.effects = None

    def note(self, effect: Effect) -> None:
        effects: list[Effect] | None = getattr(self._pending, "effects", None)
        if effects is None:
            self._store([effect])
        else:
            effects.append(effect)

    def note_table(self, table: Table) -> None:
        """Records a table's definition, without its items."""
        self.note(Effect([TABLE, *_scope(table), _definition(table)]))

    def note_drop(self, table: Table) -> None:
        self.note(Effect([DROP, *_scope(table)]))

    def set_item(self, table: Table, pk: Any, sk: Any, item: dict[str, Any]) -> Any:
        old = self._put(table, pk, sk, item)
        # a shallow copy is not enough: the emulator may change the stored item before the operation ends
        record = [PUT, *_scope(table), dynamodb.copy.deepcopy(item)]
        self.note(Effect(record, lambda: self._remove(table, pk, sk) if old is None else self._put(table, pk, sk, old)))
        return old

    def remove_item(self, table: Table, pk: Any, sk: Any) -> Any:
        old = self._remove(table, pk, sk)
        if old is not None:
            names = [name for name in (table["pk_name"], table.get("sk_name")) if name]
            record = [REMOVE, *_scope(table), {name: old[name] for name in names}]
            self.note(Effect(record, lambda: self._put(table, pk, sk, old)))
        return old

    def _store(self, effects: list[Effect]) -> None:
        try:
            self._journal.append([effect.record for effect in effects])
        except JournalUnusable as error:
            self._end(error)
        except OSError as error:
            self._undo(effects, error)
            if not self._full:
                say(f"nothing can be stored ({error.strerror}): writes are refused until there is room")
            self._full = True
            raise StorageFull(str(error)) from None
        if self._full:
            say("there is room again: writes are stored")
        self._full = False
        if self._journal.wants_compaction:
            self._compact()

    def _undo(self, effects: list[Effect], error: OSError) -> None:
        for effect in reversed(effects):
            if effect.undo is None:
                # a table's definition: memory may not be ahead of the disk, so the next start decides
                self._end(error)
            else:
                effect.undo()

    def _end(self, error: Exception) -> None:
        print(f"the table journal cannot be written: {error}", file=sys.stderr, flush=True)
        os._exit(STORAGE_FAILED_STATUS)

    def _compact(self) -> None:
        try:
            self._journal.compact(self._snapshot())
        except OSError as error:
            say(f"the journal of the tables cannot be made smaller ({error.strerror}): it goes on as it is")

    def _snapshot(self) -> Iterator[Record]:
        yield [INSTANCE, self.instance]
        for (account, region, name), table in dynamodb._tables.all_items():
            yield [TABLE, account, region, name, _definition(table)]
            for partition in table["items"].values():
                for item in partition.values():
                    yield [PUT, account, region, name, item]

    def _apply(self, record: Record) -> None:
        if record[0] == INSTANCE:
            self.instance = record[1]
            return
        kind, account, region, name = record[:4]
        if kind == DROP:
            dynamodb._tables.pop_scoped(account, region, name, None)
            return
        table = dynamodb._tables.get_scoped(account, region, name)
        if kind == TABLE:
            items = table["items"] if table else defaultdict(dict)
            dynamodb._tables.set_scoped(account, region, name, {**record[4], "items": items})
            dynamodb._items_replaced(dynamodb._tables.get_scoped(account, region, name))
            return
        if table is None:
            return
        pk, sk = _key(table, record[4])
        if kind == PUT:
            self._put(table, pk, sk, record[4])
        else:
            self._remove(table, pk, sk)


def say(text: str) -> None:
    """Prints a message for the user."""
    print(f"{NOTE}{text}", flush=True)


def _scope(table: Table) -> tuple[str, str, str]:
    _, _, _, region, account, _ = table["TableArn"].split(":", 5)
    return account, region, table["TableName"]


def _definition(table: Table) -> Table:
    return {name: value for name, value in table.items() if name not in ("items", dynamodb._INDEX_MEMBERS)}


def _key(table: Table, item: dict[str, Any]) -> tuple[Any, Any]:
    pk = dynamodb._extract_key_val(item.get(table["pk_name"]))
    sk = dynamodb._extract_key_val(item.get(table["sk_name"])) if table.get("sk_name") else "__no_sort__"
    return pk, sk


def apply(journal: TableJournal) -> None:
    require(dynamodb, "_set_item", "_remove_item", "_items_replaced", "_INDEX_MEMBERS")
    dynamodb._set_item = journal.set_item
    dynamodb._remove_item = journal.remove_item
    _journal_definitions(journal)


def _journal_definitions(journal: TableJournal) -> None:
    create, update, delete = dynamodb._create_table, dynamodb._update_table, dynamodb._delete_table

    def create_table(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] == 200:
            journal.note_table(dynamodb._tables[data["TableName"]])
        return answer

    def update_table(data: dict[str, Any]) -> Any:
        answer = update(data)
        if answer[0] == 200:
            journal.note_table(dynamodb._tables[dynamodb._normalize_table_name(data["TableName"])])
        return answer

    def delete_table(data: dict[str, Any]) -> Any:
        doomed = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName")))
        answer = delete(data)
        if answer[0] == 200 and doomed is not None:
            journal.note_drop(doomed)
        return answer

    dynamodb._create_table, dynamodb._update_table, dynamodb._delete_table = create_table, update_table, delete_table
