"""Main memory."""

from __future__ import annotations

import psutil

from sharemtc_agent.sensors.cgroup import Limits


def total_memory_mib(limits: Limits) -> int:
    total = int(psutil.virtual_memory().total)
    if limits.memory_bytes is not None:
        total = min(total, limits.memory_bytes)
    return total >> 20


def memory_used_mib(limits: Limits) -> int:
    """Total less available memory, as `free` shows it.

    If a container limits memory, usage is counted under that limit, so that both figures belong together.
    """
    memory = psutil.virtual_memory()
    if limits.memory_bytes is not None and limits.memory_bytes < memory.total and limits.memory_used_bytes is not None:
        return limits.memory_used_bytes >> 20
    return max(0, int(memory.total) - int(memory.available)) >> 20
