"""Numbers for requests that grow and are never used twice, whatever the clock does and whenever the agent dies."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sharemtc_agent.files import write_whole

BLOCK = 1000
MAX_NUMBER = 2**52

log = logging.getLogger(__name__)


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Sequence:
    """Reserves numbers on disk a block ahead, so that most take no write.

    The file holds the first number that was not reserved; a new process begins there, or at the time in milliseconds
    if that is later. A number is handed out only once it is reserved.
    """

    def __init__(self, file: Path, clock_ms: Callable[[], int] = unix_ms) -> None:
        self._file = file
        self._next = self._reserved = max(self._read(), clock_ms())

    def take(self) -> int:
        """The next number. Raises OSError when it cannot be reserved: nothing is handed out then."""
        if self._next >= self._reserved:
            reserved = self._next + BLOCK
            write_whole(self._file, f"{reserved}\n".encode())
            self._reserved = reserved
        self._next += 1
        return self._next - 1

    def leap(self, known: int) -> None:
        """Goes on behind a number that the control plane knows already."""
        if known < MAX_NUMBER - BLOCK:
            self._next = max(self._next, known + 1)

    def _read(self) -> int:
        """The first number that may be used. Of a damaged file, its last write tells that.

        Numbers begin at the time in milliseconds, and no host sends a thousand requests a second: all that were ever
        reserved are below the time of the last reservation and a block. Should a clock have been ahead then, the
        control plane says how far (`leap`).
        """
        try:
            reserved = int(self._file.read_bytes())
        except FileNotFoundError:
            return 1
        except ValueError:
            reserved = -1
        if 0 <= reserved < MAX_NUMBER:
            return reserved
        log.warning("%s was damaged: numbers go on behind the time of its last write", self._file)
        return int(self._file.stat().st_mtime * 1000) + BLOCK + 1
