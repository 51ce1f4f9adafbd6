"""Resource use of one VM: its QEMU process and its disk's blocks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class WorkloadUse:
    """Counters since the process started, and current levels; None if the system does not provide them."""

    pid: int
    cpu_s: float
    memory_mib: int
    disk_gib: float
    read_bytes: int | None
    written_bytes: int | None


def workload_use(pid: int, disk: Path) -> WorkloadUse | None:
    """None if the process is gone or not readable."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times, memory = process.cpu_times(), process.memory_info()
            traffic = process.io_counters() if hasattr(process, "io_counters") else None
        blocks = disk.stat().st_blocks
    except (psutil.Error, OSError):
        return None
    return WorkloadUse(
        pid=pid,
        cpu_s=times.user + times.system,
        memory_mib=int(memory.rss) >> 20,
        disk_gib=blocks * 512 / (1 << 30),
        read_bytes=int(traffic.read_bytes) if traffic else None,
        written_bytes=int(traffic.write_bytes) if traffic else None,
    )
