"""The agent's durable state in one SQLite file: sequence numbers, commands and results, fences and leases.

Durable writes are on disk when `write` returns; leases, renewed by each heartbeat, are not flushed. The agent holds the
file exclusively, so no shared-memory file is needed, which could not be created on a full disk.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DAMAGE = frozenset({"SQLITE_NOTADB", "SQLITE_CORRUPT"})
_SMALLEST_BYTES = 512
_TABLES = """
CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), reserved INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY, command TEXT NOT NULL, result TEXT, acknowledged INTEGER NOT NULL DEFAULT 0,
    changed_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS workloads (
    id TEXT PRIMARY KEY, generation INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
    host_boot_id TEXT, paid_until_boottime_s REAL
);
"""

log = logging.getLogger(__name__)


class Database:
    """Every call raises OSError where SQLite fails, such as on a full disk."""

    def __init__(self, file: Path) -> None:
        self.file = file
        # last write of a damaged file that was moved aside
        self.damaged_at_ms: int | None = None
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.exists() and file.stat().st_size < _SMALLEST_BYTES:  # SQLite would treat it as new
            self.damaged_at_ms = _move_aside(file)
        file.touch(mode=0o600)
        try:
            self._connection = _opened(file)
        except sqlite3.DatabaseError as error:
            if _name(error) not in _DAMAGE:
                raise _failed(error, file) from None
            self.damaged_at_ms = _move_aside(file)
            file.touch(mode=0o600)
            self._connection = _opened(file)

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _failed(error, self.file) from None

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Writes all or nothing; with `durable`, it survives a power cut."""
        connection = self._connection
        try:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _failed(error, self.file) from None
            raise

    def close(self) -> None:
        self._connection.close()


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = -256")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _damage(found)
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def _damage(found: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(found)
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _failed(error: sqlite3.Error, file: Path) -> OSError:
    number = errno.ENOSPC if _name(error) == "SQLITE_FULL" else errno.EIO
    return OSError(number, f"{error}", str(file))


def _move_aside(file: Path) -> int:
    parts = [part for part in (file, file.with_name(f"{file.name}-wal")) if part.exists()]
    log.error("%s is damaged and was moved aside", file)
    written_ms = max(int(part.stat().st_mtime * 1000) for part in parts)
    for part in parts:
        part.replace(part.with_name(f"{part.name}.damaged"))
    return written_ms
