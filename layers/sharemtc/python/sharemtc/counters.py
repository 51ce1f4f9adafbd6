"""Counting in windows of time, shared by all processes: one small write each, in the `limits` table."""

from __future__ import annotations

from datetime import timedelta

from sharemtc import clock
from sharemtc.settings import table_name
from sharemtc.storage.attributes import ExpiryAttribute, IntegerAttribute
from sharemtc.storage.records import Record

WINDOW_S = 60


class Window(Record):
    """What one caller did in one window, mostly of a minute. pk `<caller>#<number of the window>`, sk `WINDOW`."""

    class Meta:
        table_name = table_name("limits")

    changes = IntegerAttribute()
    expires_at = ExpiryAttribute()


def wait_after_wrong(who: str, allowed: int, window_s: int) -> int:
    """In how many seconds to try again when `allowed` tries were wrong in this window; 0: now.

    What is under way is not counted: many that are right may come at once, and a few more than `allowed` wrong ones.
    """
    window, over_ms = count(who, window_s, 0)
    return 0 if window.changes < allowed else max(1, (over_ms - clock.now_ms()) // 1000)


def count_wrong(who: str, window_s: int) -> None:
    """A try was wrong."""
    count(who, window_s, 1)


def count(who: str, window_s: int, by: int) -> tuple[Window, int]:
    """Count in the window of this moment; it, and when it is over."""
    number = clock.now_ms() // (window_s * 1000)
    window = Window(f"{who}#{number}", "WINDOW")
    over_ms = (number + 1) * window_s * 1000
    expires_at = clock.from_ms(over_ms) + timedelta(minutes=1)
    window.update([Window.changes.add(by), Window.expires_at.set(expires_at)])
    return window, over_ms
