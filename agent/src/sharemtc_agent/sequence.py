"""Numbers for requests that grow and are never used twice, whatever the clock does and whenever the agent dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sharemtc_agent.config import ConfigError
from sharemtc_agent.files import write_whole

BLOCK = 1000


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Sequence:
    """Reserves numbers on disk a block ahead, so that most take no write.

    The file holds the first number that was not reserved; a new process begins there, or at the time in milliseconds
    if that is later.
    """

    def __init__(self, file: Path, clock_ms: Callable[[], int] = unix_ms) -> None:
        self._file = file
        try:
            reserved = int(file.read_text())
        except FileNotFoundError:
            reserved = 1
        except ValueError:
            raise ConfigError(f"{file} is damaged: a number in it keeps old requests from being replayed") from None
        self._next = self._reserved = max(reserved, clock_ms())

    def take(self) -> int:
        """The next number."""
        if self._next >= self._reserved:
            self._reserved = self._next + BLOCK
            write_whole(self._file, f"{self._reserved}\n".encode())
        self._next += 1
        return self._next - 1
