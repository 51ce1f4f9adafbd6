"""Clocks that nobody sets."""

from __future__ import annotations

import sys
import time


def boottime_s() -> float:
    """Seconds since the host started, including suspend on Linux."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()
