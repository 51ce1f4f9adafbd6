"""Limits of this process's control group: in a container, the machine's own figures are too high."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

# cgroup v1 says "no limit" with a number near 2^63
_NO_LIMIT_BYTES = 1 << 60


class Limits(BaseModel):
    """None where there is no limit. `cpus` may be a fraction.

    `memory_used_bytes` is memory used under the memory limit, without inactive file pages, which the kernel reclaims
    (as `docker stats` and the kubelet count); None if unknown.
    """

    model_config = ConfigDict(frozen=True)

    cpus: float | None
    memory_bytes: int | None
    memory_used_bytes: int | None = None


def read_limits(root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")) -> Limits:
    """The tightest limits from this process's control group up to the root."""
    try:
        lines = os.fsdecode(membership.read_bytes()).splitlines()
    except OSError:
        return Limits(cpus=None, memory_bytes=None)
    cpus: list[float] = []
    memory: list[tuple[int, Path]] = []
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        for folder in _upwards(root, controllers, path):
            cpus += _cpu_limit(folder)
            memory += [(limit, folder) for limit in _memory_limit(folder)]
    if not memory:
        return Limits(cpus=min(cpus, default=None), memory_bytes=None)
    limit, folder = min(memory, key=lambda each: each[0])
    return Limits(cpus=min(cpus, default=None), memory_bytes=limit, memory_used_bytes=_memory_used(folder))


def _upwards(root: Path, controllers: str, path: str) -> list[Path]:
    mount = root / controllers if controllers else root
    if not controllers and (root / "unified").is_dir():
        mount = root / "unified"
    folder = mount / path.lstrip("/")
    return [folder, *(parent for parent in folder.parents if parent == mount or mount in parent.parents)]


def _cpu_limit(folder: Path) -> list[float]:
    quota, period = _words(folder / "cpu.max", 2) or (
        *(_words(folder / "cpu.cfs_quota_us", 1) or ("max",)),
        *(_words(folder / "cpu.cfs_period_us", 1) or ("0",)),
    )
    if not quota.isdigit() or not period.isdigit() or int(period) == 0:
        return []
    return [int(quota) / int(period)]


def _memory_limit(folder: Path) -> list[int]:
    words = _words(folder / "memory.max", 1) or _words(folder / "memory.limit_in_bytes", 1)
    if not words or not words[0].isdigit() or int(words[0]) >= _NO_LIMIT_BYTES:
        return []
    return [int(words[0])]


def _memory_used(folder: Path) -> int | None:
    words = _words(folder / "memory.current", 1) or _words(folder / "memory.usage_in_bytes", 1)
    if not words or not words[0].isdigit():
        return None
    try:
        lines = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        lines = []
    stat = dict(line.split()[:2] for line in lines if len(line.split()) >= 2)
    # version 1 has a separate total that includes child groups
    unused = stat.get("total_inactive_file", stat.get("inactive_file", "0"))
    return max(0, int(words[0]) - (int(unused) if unused.isdigit() else 0))


def _words(file: Path, count: int) -> tuple[str, ...] | None:
    try:
        words = tuple(file.read_text().split())
    except (OSError, ValueError):
        return None
    return words if len(words) == count else None
