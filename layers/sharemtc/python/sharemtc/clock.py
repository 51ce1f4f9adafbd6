"""The only source of time and randomness, so that tests can set both.

Times are timezone-aware UTC `datetime`s in whole milliseconds, the precision of billing.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _system_ms() -> int:
    return time.time_ns() // 1_000_000


_now_ms: Callable[[], int] = _system_ms
_entropy: Callable[[int], bytes] = os.urandom


def now() -> datetime:
    return from_ms(_now_ms())


def now_ms() -> int:
    return _now_ms()


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def to_ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def elapsed_ms(start: datetime, end: datetime) -> int:
    """Whole milliseconds from `start` to `end`, or 0 when the clock was set back."""
    return max(0, to_ms(end) - to_ms(start))


def random_bytes(size: int) -> bytes:
    return _entropy(size)


def new_secret(size_bytes: int = 32) -> str:
    """An unguessable URL-safe string holding `size_bytes` of entropy."""
    return base64.urlsafe_b64encode(_entropy(size_bytes)).rstrip(b"=").decode()


def choose_index(size: int) -> int:
    return int.from_bytes(_entropy(8), "big") % size


@contextmanager
def set_for_test(
    *, now_ms: Callable[[], int] | None = None, entropy: Callable[[int], bytes] | None = None
) -> Iterator[None]:
    global _now_ms, _entropy
    saved = _now_ms, _entropy
    _now_ms, _entropy = now_ms or _now_ms, entropy or _entropy
    try:
        yield
    finally:
        _now_ms, _entropy = saved
