"""The file system that holds the workloads' disks."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DiskUsage:
    """Whole GiB, rounded down. `free_gib` is what an ordinary user may still write."""

    total_gib: int
    used_gib: int
    free_gib: int


def disk_usage(path: Path) -> DiskUsage:
    """The usage of the file system on which `path` lies."""
    usage = shutil.disk_usage(path)
    return DiskUsage(usage.total >> 30, usage.used >> 30, usage.free >> 30)
