"""The processor: what it is, how many logical CPUs may be used, how busy they are."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil

from sharemtc_agent.sensors.cgroup import Limits


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The model's name as the processor gives it."""
    try:
        for line in cpuinfo.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() in {"model name", "Model"}:
                return " ".join(value.split())[:200]
    except OSError:
        pass
    return platform.machine() or "unknown"


def usable_vcpus(limits: Limits) -> int:
    """Logical CPUs that this machine, its affinity mask and its container let be used; at least 1."""
    count = min(len(os.sched_getaffinity(0)), psutil.cpu_count(logical=True) or 1)
    if limits.cpus is not None:
        count = min(count, int(limits.cpus))
    return max(1, count)


def cpu_used_percent() -> float:
    """Busy time of all CPUs since the last call, 0 to 100; since start-up at the first."""
    return min(100.0, max(0.0, psutil.cpu_percent(interval=None)))


def load_1m() -> float:
    """Runnable and waiting processes, averaged over a minute."""
    return max(0.0, os.getloadavg()[0])
