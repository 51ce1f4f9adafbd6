"""The steps printed while the embedded cloud starts, each with its duration."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

NAME_WIDTH = 46
# the launcher prints a child's lines with this prefix
NOTE = "note: "


class Progress:
    """Prints one line per step; a terminal shows the running step."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self.started_at = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times the body and prints the line when it ends; a failing step is marked."""
        begun = time.monotonic()
        if self._live:
            self._print(f"  … {name}", end="")
        try:
            yield
        except BaseException:
            self._line("✗", name, begun)
            raise
        self._line("✓", name, begun)

    def note(self, text: str) -> None:
        self._print(f"    {text}")

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_at

    def _line(self, mark: str, name: str, begun: float) -> None:
        start = "\r" if self._live else ""
        self._print(f"{start}  {mark} {name:<{NAME_WIDTH}}{time.monotonic() - begun:6.1f} s")

    def _print(self, text: str, end: str = "\n") -> None:
        # a full disk costs the line; the launcher continues
        with suppress(OSError):
            print(text, end=end, file=self._stream, flush=True)


def say(text: str, *, failure: bool = False) -> None:
    """Prints a message for the user."""
    with suppress(OSError):
        print(text, file=sys.stderr if failure else sys.stdout, flush=True)
