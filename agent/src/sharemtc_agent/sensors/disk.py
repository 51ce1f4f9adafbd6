"""Disks: usage of the file system with the workloads' disks, and traffic of all disks."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class DiskUsage:
    """Whole GiB, rounded down. `free_gib` and `free_bytes` are what an unprivileged user may write."""

    total_gib: int
    used_gib: int
    free_gib: int
    free_bytes: int


@dataclass(frozen=True)
class DiskTraffic:
    """Bytes since boot, over all disks."""

    read_bytes: int
    written_bytes: int


def disk_usage(path: Path) -> DiskUsage:
    usage = shutil.disk_usage(path)
    return DiskUsage(usage.total >> 30, usage.used >> 30, usage.free >> 30, usage.free)


def disk_traffic(blocks: Path = Path("/sys/block")) -> DiskTraffic | None:
    """None if the system shows no disks, as in some containers.

    On Linux only hardware devices count: traffic of device mapper, RAID or loop devices also appears there.
    """
    try:
        counters = psutil.disk_io_counters(perdisk=True)
    except (OSError, RuntimeError, NotImplementedError):
        return None
    if sys.platform == "linux":
        counters = {name: each for name, each in counters.items() if (blocks / name / "device").exists()}
    if not counters:
        return None
    return DiskTraffic(
        sum(int(each.read_bytes) for each in counters.values()),
        sum(int(each.write_bytes) for each in counters.values()),
    )
