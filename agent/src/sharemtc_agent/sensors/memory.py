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


def memory_used_mib(limits: Limits) -> int:
    """Memory that cannot be had without swapping: total less available, as `free` shows it.

    Where a container limits memory, what is used is counted under that limit too: both figures are of one set.
    """
    memory = psutil.virtual_memory()
    if limits.memory_bytes is not None and limits.memory_bytes < memory.total and limits.memory_used_bytes is not None:
        return limits.memory_used_bytes >> 20
    return max(0, int(memory.total) - int(memory.available)) >> 20
