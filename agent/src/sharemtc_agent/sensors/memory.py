"""Main memory."""

from __future__ import annotations

import psutil

from sharemtc_agent.sensors.cgroup import Limits


def total_memory_mib(limits: Limits) -> int:
    """Memory of the machine, or of its container where that is less."""
    total = int(psutil.virtual_memory().total)
    if limits.memory_bytes is not None:
        total = min(total, limits.memory_bytes)
    return total >> 20


def memory_used_mib() -> int:
    """Memory that cannot be had without swapping: total less available, as `free` shows it."""
    memory = psutil.virtual_memory()
    return max(0, int(memory.total) - int(memory.available)) >> 20
