"""Rates from monotonic counters."""

from __future__ import annotations

import time
from collections.abc import Callable


class Rates:
    """Remembers each counter's last value. A counter that decreased was reset: a gap, never a negative rate."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._seen: dict[str, tuple[float, float]] = {}

    def per_s(self, name: str, counter: float) -> float | None:
        """The mean growth per second since the last call for `name`; None at first and after a reset."""
        now_s = self._clock_s()
        before = self._seen.get(name)
        self._seen[name] = (now_s, counter)
        if before is None:
            return None
        elapsed_s, grown = now_s - before[0], counter - before[1]
        return grown / elapsed_s if elapsed_s > 0 and grown >= 0 else None

    def forget(self, keep: Callable[[str], bool]) -> None:
        self._seen = {name: value for name, value in self._seen.items() if keep(name)}
