"""A write-ahead log: one line per accepted operation, so that a kill loses no answered write and tears none.

A line is ``<crc32 of the JSON, 8 hex digits> <JSON list of records>\\n``. The records of one operation (a transaction
writes several) share a line, so an operation is replayed whole or not at all. The line is handed to the operating
system before the operation is answered; that survives the death of the process. ``fsync`` additionally survives the
loss of power, at a cost of milliseconds a write.

A last line that is incomplete was never answered: it is cut off. Damage anywhere else means that something other than
a kill happened to the file; the journal refuses to open rather than to guess.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

Record = list[Any]
COMPACT_OVER_BYTES = 64 * 1024 * 1024
COMPACT_GROWTH = 4
RECORDS_PER_LINE = 500


class JournalDamaged(Exception):
    """A line before the last one does not match its checksum."""


def encode(records: list[Record]) -> bytes:
    """One journal line for the records of one operation."""
    body = json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def decode(line: bytes) -> list[Record] | None:
    """The records of a line, or None when it is torn or damaged."""
    if len(line) < 10 or line[8:9] != b" " or not line.endswith(b"\n"):
        return None
    body = line[9:-1]
    try:
        if int(line[:8], 16) != zlib.crc32(body):
            return None
        records = json.loads(body)
    except ValueError:
        return None
    return records if isinstance(records, list) else None


class Journal:
    """An append-only file of operations. Not thread-safe: the caller holds the operation lock."""

    def __init__(self, path: Path, *, fsync: bool = False) -> None:
        self._path = path
        self._fsync = fsync
        self._file: BinaryIO | None = None
        self._size_bytes = 0
        self._compacted_size_bytes = 0

    def replay(self, apply: Callable[[Record], None]) -> int:
        """Hand every stored record to ``apply`` in order, cut a torn last line, and open for appending.

        Returns the number of operations. Raises JournalDamaged.
        """
        operations = 0
        good_bytes = 0
        if self._path.exists():
            with self._path.open("rb") as stored:
                for number, line in enumerate(stored, start=1):
                    records = decode(line)
                    if records is None:
                        if stored.read(1):
                            raise JournalDamaged(f"{self._path}: line {number} is damaged")
                        break
                    for record in records:
                        apply(record)
                    operations += 1
                    good_bytes += len(line)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, good_bytes)
        os.lseek(descriptor, good_bytes, os.SEEK_SET)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._size_bytes = self._compacted_size_bytes = good_bytes
        return operations

    def append(self, records: list[Record]) -> None:
        """Store one operation. Raises OSError; the caller must then stop, for memory is ahead of the disk."""
        assert self._file is not None, "replay first"
        line = encode(records)
        written = 0
        while written < len(line):
            written += self._file.write(line[written:])
        if self._fsync:
            os.fsync(self._file.fileno())
        self._size_bytes += len(line)

    @property
    def wants_compaction(self) -> bool:
        """Whether the log has grown enough over its last compacted size to be worth rewriting."""
        return self._size_bytes > max(COMPACT_OVER_BYTES, COMPACT_GROWTH * self._compacted_size_bytes)

    def compact(self, records: Iterable[Record]) -> None:
        """Replace the log by the given records, atomically: a kill leaves either the old log or the new one."""
        fresh = self._path.with_suffix(".compacting")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            for batch in _batches(records):
                target.write(encode(batch))
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(self._path)
        if self._file is not None:
            self._file.close()
        self._file = self._path.open("ab", buffering=0)
        self._size_bytes = self._compacted_size_bytes = self._path.stat().st_size

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) >= RECORDS_PER_LINE:
            yield batch
            batch = []
    if batch:
        yield batch
