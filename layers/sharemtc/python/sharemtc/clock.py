"""The one source of time, identifiers and randomness, so that a test can set all three.

Times are timezone-aware UTC `datetime`s cut to whole milliseconds, the precision in which money is computed.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

# Crockford's base 32: a ULID is 48 bits of milliseconds and 80 random bits in 26 of these. The package that makes them
# takes longer to import than most of ours
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_CHARS = 26
_TO_BASE_32 = str.maketrans(_DIGITS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _system_ms() -> int:
    return time.time_ns() // 1_000_000


_now_ms: Callable[[], int] = _system_ms
_entropy: Callable[[int], bytes] = os.urandom


def now() -> datetime:
    """The present instant, UTC, whole milliseconds."""
    return from_ms(_now_ms())


def now_ms() -> int:
    """The present instant as whole milliseconds from the Unix epoch."""
    return _now_ms()


def from_ms(milliseconds: int) -> datetime:
    """The instant `milliseconds` after the Unix epoch."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds from the Unix epoch to `instant`."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def elapsed_ms(start: datetime, end: datetime) -> int:
    """Whole milliseconds from `start` to `end`, never negative: a clock that steps back makes no negative time."""
    return max(0, to_ms(end) - to_ms(start))


def new_id(prefix: str) -> str:
    """A prefixed, time-sortable identifier such as `vm_01J…`."""
    return f"{prefix}_{_ulid(_now_ms(), _entropy(10))}"


def id_floor(prefix: str, since: datetime) -> str:
    """The smallest identifier that could have been made at `since`."""
    return f"{prefix}_{_ulid(to_ms(since), bytes(10))}"


def _ulid(milliseconds: int, randomness: bytes) -> str:
    number = milliseconds << 80 | int.from_bytes(randomness, "big")
    assert len(randomness) == 10
    assert 0 <= number < 1 << 128
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_ULID_CHARS - 1), -1, -5))


def id_bytes(id: str) -> bytes:
    """The 16 bytes that an identifier stands for, without its prefix. Errors: `ValueError` for another text."""
    digits = id.rpartition("_")[2]
    if len(digits) != _ULID_CHARS:
        raise ValueError(f"{id!r} is not an identifier")
    return int(digits.translate(_TO_BASE_32), 32).to_bytes(16, "big")


def id_from_bytes(prefix: str, raw: bytes) -> str:
    """The identifier that these 16 bytes stand for."""
    return f"{prefix}_{_ulid(int.from_bytes(raw[:6], 'big'), raw[6:])}"


def new_secret(size_bytes: int = 32) -> str:
    """An unguessable URL-safe string holding `size_bytes` of entropy."""
    return base64.urlsafe_b64encode(_entropy(size_bytes)).rstrip(b"=").decode()


def choose_index(size: int) -> int:
    """A uniformly random index below `size`."""
    return int.from_bytes(_entropy(8), "big") % size


@contextmanager
def set_for_test(
    *, now_ms: Callable[[], int] | None = None, entropy: Callable[[int], bytes] | None = None
) -> Iterator[None]:
    """Replace the sources of time and randomness for the length of a `with` block."""
    global _now_ms, _entropy
    saved = _now_ms, _entropy
    _now_ms, _entropy = now_ms or _now_ms, entropy or _entropy
    try:
        yield
    finally:
        _now_ms, _entropy = saved
