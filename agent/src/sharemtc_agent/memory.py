"""Keeps the agent small: it shares its machine with what is rented."""

from __future__ import annotations

import ctypes
import gc
import sys

# mallopt(3): threads that live for one call must not each get an arena of their own
_M_ARENA_MAX = -8
_ARENAS = 2


def limit_arenas() -> None:
    """Call it before the first thread starts. Only glibc knows it; elsewhere nothing happens."""
    libc = _libc()
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Returns to the system what the start needed and nothing needs any more."""
    gc.collect()
    gc.freeze()  # what has lived so far lives on: later collections need not touch its pages
    libc = _libc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None)
    except OSError:
        return None
