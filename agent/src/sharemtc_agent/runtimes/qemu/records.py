"""What the agent stores about a VM in its folder; its status comes from processes and files."""

from __future__ import annotations

import re
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sharemtc.wire import VmSpec
from sharemtc_agent.files import write_whole
from sharemtc_agent.runtimes.qemu.processes import PID_FILE

_VM_ID = re.compile(r"vm_[0-9A-HJKMNP-TV-Z]{26}")


class Boot(BaseModel):
    """A proven boot of one process: the guest answered with its SSH banner.

    `proved_monotonic_ms` is when, on a clock that does not count suspend.
    """

    model_config = ConfigDict(frozen=True)

    pid: int
    start_ticks: int
    boot_id: str
    ssh_banner: str
    proved_monotonic_ms: int | None = None

    @property
    def id(self) -> str:
        """The guest's boot id, or the process if it reports none."""
        return self.boot_id or f"{self.pid}-{self.start_ticks}"

    def uptime_ms(self) -> int | None:
        began_ms = self.proved_monotonic_ms
        return None if began_ms is None else max(0, monotonic_ms() - began_ms)


def monotonic_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000


class VmRecord(BaseModel):
    """`vm.json`.

    `ssh_port` is kept across stop and start, so that a renter's address stays the same. `delivered`: it has booted
    once, so its disk may hold renter's data.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    spec: VmSpec
    ssh_port: int | None = None
    boot: Boot | None = None
    delivered: bool = False


def is_vm_id(name: str) -> bool:
    return _VM_ID.fullmatch(name) is not None


class VmFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.record_file = path / "vm.json"
        self.disk = path / "disk.raw"
        self.seed = path / "seed.iso"
        self.pid_file = path / PID_FILE
        self.qemu_log = path / "qemu.log"
        self.console_log = path / "console.log"

    @property
    def id(self) -> str:
        return self.path.name

    def read(self) -> VmRecord | None:
        try:
            return VmRecord.model_validate_json(self.record_file.read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, record: VmRecord) -> VmRecord:
        write_whole(self.record_file, record.model_dump_json(indent=1).encode())
        return record

    def change(self, **changes: object) -> VmRecord | None:
        record = self.read()
        if record is None:
            return None
        changed = record.model_copy(update=changes)
        return record if changed == record else self.write(changed)

    def count_files(self) -> int:
        return 1 + sum(1 for _ in self.path.rglob("*")) if self.path.exists() else 0
