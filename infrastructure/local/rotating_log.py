"""A log file of bounded size: at its limit it becomes ``<name>.1`` and a new one starts."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TextIO

LIMIT_BYTES = 5 * 1024 * 1024


class RotatingLog:
    """Appends lines from any thread. Keeps the current file and the one before."""

    _locks: dict[Path, threading.Lock] = {}  # noqa: RUF012 - shared on purpose: several writers may hold one file
    _registry = threading.Lock()

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        with self._registry:
            self._lock = self._locks.setdefault(path, threading.Lock())

    def write(self, line: str) -> None:
        """A full disk costs the line; the caller continues."""
        try:
            with self._lock, self._open() as target:
                target.write(line if line.endswith("\n") else line + "\n")
        except OSError:
            return

    def _open(self) -> TextIO:
        if self._path.exists() and self._path.stat().st_size >= self._limit_bytes:
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        return self._path.open("a", encoding="utf-8", errors="replace")
