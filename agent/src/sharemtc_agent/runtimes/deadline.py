"""A point in time by which a step must have ended, on the clock that never steps."""

from __future__ import annotations

import time


class Deadline:
    """Compare with `passed`; hand `left_s` to whatever takes a limit."""

    def __init__(self, at: float) -> None:
        self._at = at

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds left, never below a hundredth: a limit of 0 means none to some callees."""
        return max(0.01, self._at - time.monotonic())

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._at

    def within(self, seconds: float) -> Deadline:
        """The earlier of this one and `seconds` from now."""
        return Deadline(min(self._at, time.monotonic() + seconds))

    def expire_now(self) -> None:
        """Makes it now: what waits for it gives up at its next look."""
        self._at = min(self._at, time.monotonic())
