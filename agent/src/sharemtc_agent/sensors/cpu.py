"""The processor: model, usable logical CPUs, utilization."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil

from sharemtc.wire import clean_text
from sharemtc_agent.sensors.cgroup import Limits


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        for line in cpuinfo.read_bytes().splitlines():
            key, _, value = line.partition(b":")
            if key.strip() in {b"model name", b"Model"} and (
                name := clean_text(" ".join(value.decode(errors="replace").split()))
            ):
                return name
    except OSError:
        pass
    return clean_text(_apple_model() or platform.processor() or platform.machine()) or "unknown"


def _apple_model() -> str:
    if sys.platform != "darwin":
        return ""
    argv = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        return subprocess.run(argv, capture_output=True, text=True, errors="replace", timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def usable_vcpus(limits: Limits) -> int:
    """Logical CPUs allowed by the affinity mask and the container; at least 1."""
    count = psutil.cpu_count(logical=True) or 1
    if hasattr(os, "sched_getaffinity"):  # Linux only
        count = min(count, len(os.sched_getaffinity(0)))
    if limits.cpus is not None:
        count = min(count, int(limits.cpus))
    return max(1, count)


class CpuMeter:
    """CPU utilization since the last reading."""

    def __init__(self) -> None:
        self._seen = _busy_and_total_s()

    def used_percent(self) -> float:
        """Busy time of all CPUs, 0 to 100; 0 if no time has passed."""
        busy_s, total_s = _busy_and_total_s()
        busy, total = busy_s - self._seen[0], total_s - self._seen[1]
        self._seen = busy_s, total_s
        return min(100.0, max(0.0, 100.0 * busy / total)) if total > 0 else 0.0


def _busy_and_total_s() -> tuple[float, float]:
    """As `top` counts: guest time is part of user time on Linux, and I/O wait is idle time."""
    times = psutil.cpu_times()._asdict()
    total = sum(times.values()) - times.get("guest", 0.0) - times.get("guest_nice", 0.0)
    return total - times["idle"] - times.get("iowait", 0.0), total


def load_1m() -> float:
    return max(0.0, psutil.getloadavg()[0])
