"""Limits the agent's own memory: it shares its machine with renters' workloads."""

from __future__ import annotations

import ctypes
import gc
import sys

# mallopt(3): short-lived threads must not each get an arena of their own
_M_ARENA_MAX = -8
_ARENAS = 2


def limit_arenas() -> None:
    """Call before the first thread starts. Has an effect with glibc only."""
    libc = _libc()
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def trim() -> None:
    """Returns memory that only the start needed."""
    gc.collect()
    gc.freeze()  # later collections need not touch the pages of long-lived objects
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
