"""Deadlines on the monotonic clock."""

from __future__ import annotations

import time


class Deadline:
    """Compare with `passed`; pass `left_s` as a timeout."""

    def __init__(self, at: float) -> None:
        self._at = at

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds left, at least 0.01: some callees take 0 as no limit."""
        return max(0.01, self._at - time.monotonic())

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._at

    def within(self, seconds: float) -> Deadline:
        return Deadline(min(self._at, time.monotonic() + seconds))

    def expire_now(self) -> None:
        """Expires the deadline: whoever waits for it gives up at the next check."""
        self._at = min(self._at, time.monotonic())
