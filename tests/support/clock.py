"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sharemtc import clock


class Time:
    """The time that everything of ours goes by; it stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now_ms = clock.to_ms(start)

    def __call__(self) -> int:
        return self._now_ms

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now_ms += by // timedelta(milliseconds=1)
