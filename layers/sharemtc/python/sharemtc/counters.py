"""Counts per time window, shared by all processes: one small write each, in the `limits` table."""

from __future__ import annotations

from datetime import timedelta

from sharemtc import clock
from sharemtc.settings import table_name
from sharemtc.storage.attributes import ExpiryAttribute, IntegerAttribute
from sharemtc.storage.records import Record

WINDOW_S = 60


class Window(Record):
    """The count of one caller in one window. pk `<caller>#<number of the window>`, sk `WINDOW`."""

    class Meta:
        table_name = table_name("limits")

    changes = IntegerAttribute()
    expires_at = ExpiryAttribute()


def retry_after_failures_s(who: str, allowed: int, window_s: int) -> int:
    """Seconds to wait after `allowed` failures in this window; 0 when another attempt is allowed.

    Attempts in progress are not counted, so concurrent attempts may fail a few times more than `allowed`.
    """
    window, over_ms = count(who, window_s, 0)
    return 0 if window.changes < allowed else max(1, (over_ms - clock.now_ms()) // 1000)


def count_failure(who: str, window_s: int) -> None:
    count(who, window_s, 1)


def count(who: str, window_s: int, by: int) -> tuple[Window, int]:
    """Add `by` to the current window; returns the window and its end in milliseconds."""
    number = clock.now_ms() // (window_s * 1000)
    window = Window(f"{who}#{number}", "WINDOW")
    over_ms = (number + 1) * window_s * 1000
    expires_at = clock.from_ms(over_ms) + timedelta(minutes=1)
    window.update([Window.changes.add(by), Window.expires_at.set(expires_at)])
    return window, over_ms
