"""How long workloads run on without word from the control plane: as long as they are paid for."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from sharemtc_agent.runtimes.qemu import QemuRuntime
from sharemtc_agent.runtimes.records import Lease

# For a workload that was made and of which the control plane has not spoken since.
UNCONFIRMED_S = 600.0


def boottime_s() -> float:
    """Seconds since the host started, sleep included: no clock that anyone sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def host_boot_id(file: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    return file.read_text().strip()


class Leases:
    """The leases in the VMs' records. Times from the control plane count relative to its own clock."""

    def __init__(self, runtime: QemuRuntime) -> None:
        self._runtime = runtime
        self._boot_id = host_boot_id()

    def renew(self, workload_id: str, paid_until: datetime, server_time: datetime) -> None:
        """Takes over until when the VM is paid. Not flushed to disk: it changes with every heartbeat."""
        self._write(workload_id, (paid_until - server_time).total_seconds())

    def grant_unconfirmed(self, workload_id: str) -> None:
        """Gives a VM that was just asked for the time until it can be confirmed."""
        if self.left_s(workload_id) < UNCONFIRMED_S:
            self._write(workload_id, UNCONFIRMED_S)

    def left_s(self, workload_id: str) -> float:
        """Seconds left, negative when over. One without a lease of this boot of the host has none left."""
        record = self._runtime.folder(workload_id).read()
        if record is None or record.lease is None or record.lease.host_boot_id != self._boot_id:
            return -1.0
        return record.lease.until_boottime_s - boottime_s()

    def _write(self, workload_id: str, seconds: float) -> None:
        lease = Lease(host_boot_id=self._boot_id, until_boottime_s=round(boottime_s() + seconds, 1))
        self._runtime.folder(workload_id).change(durable=False, lease=lease)
