"""Sequence numbers of requests: they only grow, whatever the clock does and whenever the agent is killed."""

from __future__ import annotations

import time
from collections.abc import Callable

from sharemtc_agent.database import Database

BLOCK = 1000
MAX_NUMBER = 2**52


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Sequence:
    """Reserves numbers on disk in blocks, so that most requests need no write.

    The stored number is the first one not reserved; a new process starts there, or at the Unix time in milliseconds if
    that is later. A number is issued only after it was reserved.
    """

    def __init__(self, database: Database, clock_ms: Callable[[], int] = unix_ms) -> None:
        self._database = database
        self._next = self._reserved = max(self._read(), clock_ms())

    def take(self) -> int:
        """The next number. Errors: `OSError` if it cannot be reserved; nothing is issued then."""
        if self._next >= self._reserved:
            reserved = self._next + BLOCK
            with self._database.write() as rows:
                rows.execute("INSERT OR REPLACE INTO sequence VALUES (1, ?)", (reserved,))
            self._reserved = reserved
        self._next += 1
        return self._next - 1

    def advance_past(self, known: int) -> None:
        """Continues after a number that the control plane has already seen."""
        if known < MAX_NUMBER - BLOCK:
            self._next = max(self._next, known + 1)

    def _read(self) -> int:
        """The first unused number; after damage, it is derived from the time of the file's last write.

        Numbers start at the Unix time in milliseconds, and no host sends a thousand requests a second, so all reserved
        numbers are below the time of the last reservation plus one block. If the clock was ahead then, the control
        plane corrects it (`advance_past`).
        """
        for (reserved,) in self._database.read("SELECT reserved FROM sequence"):
            return int(reserved)
        damaged_at_ms = self._database.damaged_at_ms
        return 1 if damaged_at_ms is None else damaged_at_ms + BLOCK + 1
