"""Numbers for requests that grow and are never used twice, whatever the clock does and whenever the agent dies."""

from __future__ import annotations

import time
from collections.abc import Callable

from sharemtc_agent.database import Database

BLOCK = 1000
MAX_NUMBER = 2**52


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Sequence:
    """Reserves numbers on disk a block ahead, so that most take no write.

    What is stored is the first number that was not reserved; a new process begins there, or at the time in
    milliseconds if that is later. A number is handed out only once it is reserved.
    """

    def __init__(self, database: Database, clock_ms: Callable[[], int] = unix_ms) -> None:
        self._database = database
        self._next = self._reserved = max(self._read(), clock_ms())

    def take(self) -> int:
        """The next number. Raises OSError when it cannot be reserved: nothing is handed out then."""
        if self._next >= self._reserved:
            reserved = self._next + BLOCK
            with self._database.write() as rows:
                rows.execute("INSERT OR REPLACE INTO sequence VALUES (1, ?)", (reserved,))
            self._reserved = reserved
        self._next += 1
        return self._next - 1

    def leap(self, known: int) -> None:
        """Goes on behind a number that the control plane knows already."""
        if known < MAX_NUMBER - BLOCK:
            self._next = max(self._next, known + 1)

    def _read(self) -> int:
        """The first number that may be used. Where the file was damaged, its last write tells that.

        Numbers begin at the time in milliseconds, and no host sends a thousand requests a second: all that were ever
        reserved are below the time of the last reservation and a block. Should a clock have been ahead then, the
        control plane says how far (`leap`).
        """
        for (reserved,) in self._database.read("SELECT reserved FROM sequence"):
            return int(reserved)
        damaged_at_ms = self._database.damaged_at_ms
        return 1 if damaged_at_ms is None else damaged_at_ms + BLOCK + 1
