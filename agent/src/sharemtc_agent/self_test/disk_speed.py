"""The speed of the disk that holds the VMs' disks: written and read back, bounded in size and time."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from sharemtc.wire import SelfTestCheck, Verdict
from sharemtc_agent.self_test.findings import finding

SIZE_BYTES = 64 * 1024 * 1024
LIMIT_S = 20.0
WARN_MB_PER_S = 50.0
_BLOCK_BYTES = 1024 * 1024
_SPARE_BYTES = 1 << 30


def check_disk_speed(folder: Path, size_bytes: int = SIZE_BYTES) -> tuple[SelfTestCheck, ...]:
    """Two checks, `disk_write` and `disk_read`, in MB/s. The file is deleted afterwards."""
    stat = os.statvfs(folder) if hasattr(os, "statvfs") else None
    if stat is not None and stat.f_bavail * stat.f_frsize < size_bytes + _SPARE_BYTES:
        return (finding("disk_write", Verdict.FAIL, "not enough free space for the test"),)
    file = folder / f".speed.{os.getpid()}"
    try:
        written, write_s = _write(file, size_bytes)
        read, read_s = _read(file)
    except OSError as error:
        return (finding("disk_write", Verdict.FAIL, f"{folder}: {error.strerror or error}"),)
    finally:
        file.unlink(missing_ok=True)
    return (_speed("disk_write", written, write_s, "flushed to the disk"), _speed("disk_read", read, read_s, "read"))


def _speed(name: str, size_bytes: int, elapsed_s: float, how: str) -> SelfTestCheck:
    rate = size_bytes / max(elapsed_s, 1e-6) / 1e6
    verdict = Verdict.OK if rate >= WARN_MB_PER_S else Verdict.WARN
    text = f"{rate:.0f} MB/s ({size_bytes / 1e6:.0f} MB {how} in {elapsed_s:.2f} s)"
    return finding(name, verdict, text, value=rate, unit="MB/s")


def _write(file: Path, size_bytes: int) -> tuple[int, float]:
    """Bytes and seconds until flushed. Random content, because some disks compress."""
    block, begun = os.urandom(_BLOCK_BYTES), time.monotonic()
    written = 0
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while written < size_bytes and time.monotonic() - begun < LIMIT_S:
            written += os.write(descriptor, block)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return written, time.monotonic() - begun


def _read(file: Path) -> tuple[int, float]:
    """Bytes and seconds, read from the disk where the page cache can be dropped."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        if sys.platform == "linux":
            with suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        begun, read = time.monotonic(), 0
        while time.monotonic() - begun < LIMIT_S and (part := os.read(descriptor, _BLOCK_BYTES)):
            read += len(part)
        return read, time.monotonic() - begun
    finally:
        os.close(descriptor)
