"""A write-ahead log: one line per operation, so that a kill neither loses nor tears an answered write.

A line is ``<crc32 of the JSON, 8 hex digits> <length of the JSON in bytes> <JSON list of records>\n``. The records of
one operation (a transaction writes several) share a line, so an operation is replayed whole or not at all. The line is
given to the operating system before the operation is answered, which survives the death of the process. ``fsync`` also
survives a power cut, and costs milliseconds a write.

An incomplete last line, shorter than its length says, was never answered: it is removed, and that is reported. Any
other mismatch, in the last line too, cannot come from a kill; the journal then refuses to open.

A compacted log begins with all tables, one after the other, between two marker lines. These lines are not a history:
a part of them is a state without some tables. So only what was written after them can be discarded from some line on,
and a log that ends within them is damaged.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

Record = list[Any]
COMPACT_OVER_BYTES = 64 * 1024 * 1024
COMPACT_GROWTH = 4
RECORDS_PER_LINE = 500
# the lines around the compacted part; each holds one such record, with the time
SNAPSHOT_BEGINS, SNAPSHOT_ENDS = "snapshot begins", "snapshot ends"
# lines written before there were lengths have none
_LINE = re.compile(rb"([0-9a-f]{8}) (?:([0-9]{1,19}) )?(\[.*\])\n", re.DOTALL)
_BEGINNING = re.compile(rb"[0-9a-f]{0,8}|[0-9a-f]{8} [0-9]{0,19}|[0-9a-f]{8} (?:([0-9]{1,19}) )?(\[.*)?", re.DOTALL)


class JournalDamaged(Exception):
    """A line is neither complete nor cut off; says which, and what can be done."""


class JournalUnusable(Exception):
    """A line was written in part and cannot be removed: nothing may follow it."""


def encode(records: list[Record]) -> bytes:
    body = json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %d %s\n" % (zlib.crc32(body), len(body), body)


def decode(line: bytes) -> list[Record] | None:
    """None when the line is incomplete or damaged."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return None
    checksum, length, body = parts.groups()
    if int(checksum, 16) != zlib.crc32(body) or (length is not None and int(length) != len(body)):
        return None
    records: list[Record] = json.loads(body)
    return records


def is_torn(end: bytes) -> bool:
    """Whether what follows the last newline is the start of a line that was not completed."""
    parts = _BEGINNING.fullmatch(end)
    if parts is None:
        return False
    length, body = parts.groups()
    # longer than it says: its newline was damaged
    return length is None or len(body or b"") <= int(length)


class Journal:
    """An append-only file of operations. Not thread-safe: the caller holds the operation lock."""

    def __init__(self, path: Path, *, fsync: bool = False) -> None:
        self._path = path
        self._fsync = fsync
        self._file: BinaryIO | None = None
        self._size_bytes = 0
        self._compact_over_bytes = COMPACT_OVER_BYTES
        # bytes of an incomplete last line, removed by `replay`
        self.cut_bytes = 0
        self._in_snapshot = False
        # of the compacted part, once it is read completely
        self._snapshot_at: str | None = None

    def replay(self, apply: Callable[[Record], None]) -> int:
        """Passes every record to ``apply`` in order, removes a torn last line, and opens for appending.

        Returns the number of operations. Raises JournalDamaged, and has then changed nothing on disk.
        """
        operations = 0
        good_bytes = 0
        number = 0
        if self._path.exists():
            with self._path.open("rb") as stored:
                for number, line in enumerate(stored, start=1):
                    records = decode(line)
                    if records is None:
                        if self._in_snapshot or line.endswith(b"\n") or not is_torn(line):
                            raise JournalDamaged(self._damage(number, 1 + sum(1 for _ in stored)))
                        self.cut_bytes = len(line)
                        break
                    if self._notes_mark(records):
                        good_bytes += len(line)
                        continue
                    for record in records:
                        apply(record)
                    operations += 1
                    good_bytes += len(line)
        if self._in_snapshot:
            raise JournalDamaged(f"{self._path}: {_instead('the file ends too early')}")
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(descriptor, good_bytes)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._note_size(good_bytes)
        return operations

    def _notes_mark(self, records: list[Record]) -> bool:
        if len(records) != 1 or not records[0] or records[0][0] not in (SNAPSHOT_BEGINS, SNAPSHOT_ENDS):
            return False
        self._in_snapshot = records[0][0] == SNAPSHOT_BEGINS
        self._snapshot_at = None if self._in_snapshot else records[0][1]
        return True

    def _damage(self, number: int, lost: int) -> str:
        """What to do about a damaged line, and how many writes that would lose."""
        if self._snapshot_at is None:
            return f"{self._path}: {_instead(f'line {number} is damaged')}"
        last_at = _told(datetime.fromtimestamp(self._path.stat().st_mtime, UTC))
        writes = "the last write" if lost == 1 else f"the last {lost} writes"
        return (
            f"{self._path}: line {number} is damaged, and nothing was changed: restore the state folder from a backup, "
            f"or give up {writes}, made between {self._snapshot_at} and {last_at}, with: "
            f"head -n {number - 1} {self._path} > kept && mv kept {self._path}"
        )

    def append(self, records: list[Record]) -> None:
        """Raises OSError when nothing was stored, JournalUnusable when that is uncertain."""
        assert self._file is not None, "replay first"
        line = encode(records)
        try:
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
            if self._fsync:
                os.fsync(self._file.fileno())
        except OSError:
            try:
                os.ftruncate(self._file.fileno(), self._size_bytes)
            except OSError as error:
                raise JournalUnusable(f"{self._path} cannot be written: {error.strerror}") from None
            raise
        self._size_bytes += len(line)

    @property
    def wants_compaction(self) -> bool:
        """Whether the log has grown enough since its last compaction."""
        return self._size_bytes > self._compact_over_bytes

    def compact(self, records: Iterable[Record]) -> None:
        """Replaces the log by the given records, atomically: a kill leaves the old log or the new one.

        Raises OSError when there is no room for both; the old log then continues.
        """
        fresh = self._path.with_suffix(".compacting")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as target:
                at = _told(datetime.now(UTC))
                target.write(encode([[SNAPSHOT_BEGINS, at]]))
                for batch in _batches(records):
                    target.write(encode(batch))
                target.write(encode([[SNAPSHOT_ENDS, at]]))
                target.flush()
                os.fsync(target.fileno())
            fresh.replace(self._path)
        except OSError:
            fresh.unlink(missing_ok=True)
            # do not try again at every write
            self._compact_over_bytes = self._size_bytes + COMPACT_OVER_BYTES
            raise
        if self._file is not None:
            self._file.close()
        self._file = self._path.open("ab", buffering=0)
        self._note_size(self._path.stat().st_size)

    def _note_size(self, compacted_bytes: int) -> None:
        self._size_bytes = compacted_bytes
        self._compact_over_bytes = max(COMPACT_OVER_BYTES, COMPACT_GROWTH * compacted_bytes)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _instead(damage: str) -> str:
    """What to do when no part of the log can be discarded."""
    return (
        f"{damage}, and nothing was changed: restore the state folder from a backup. There is no other way to keep the "
        "tables: the damage is where they are stored one after the other, so cutting it off would lose some of them "
        "whole, such as all accounts, wallets, hosts or machines. Without a backup everything is lost; to begin with "
        "empty tables, move the file away"
    )


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) >= RECORDS_PER_LINE:
            yield batch
            batch = []
    if batch:
        yield batch
