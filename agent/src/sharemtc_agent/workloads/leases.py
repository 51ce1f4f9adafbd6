"""Leases: how long workloads run on without contact to the control plane, namely as long as they are paid."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from sharemtc_agent.clocks import boottime_s
from sharemtc_agent.database import Database

# For a new workload that no heartbeat answer has named yet.
UNCONFIRMED_S = 600.0


def host_boot_id(file: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    return file.read_text().strip() if sys.platform == "linux" else ""


class Leases:
    """The table `workloads`. The control plane's times count relative to its own clock.

    Stored on the host's boot clock, which is never set and, like the workloads' processes, ends with the boot.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._boot_id = host_boot_id()

    def renew(self, workload_id: str, paid_until: datetime, server_time: datetime) -> None:
        """Not flushed to disk: it changes with every heartbeat."""
        self._write(workload_id, (paid_until - server_time).total_seconds())

    def grant_unconfirmed(self, workload_id: str) -> None:
        """Gives a new workload time until the control plane confirms it."""
        if self.left_s(workload_id) < UNCONFIRMED_S:
            self._write(workload_id, UNCONFIRMED_S)

    def left_s(self, workload_id: str) -> float:
        """Seconds left, negative when over. Without a lease of this boot, none are left."""
        query = "SELECT paid_until_boottime_s FROM workloads WHERE id = ? AND host_boot_id = ?"
        for (until_s,) in self._database.read(query, workload_id, self._boot_id):
            return float(until_s) - boottime_s()
        return -1.0

    def _write(self, workload_id: str, seconds: float) -> None:
        with self._database.write(durable=False) as rows:
            rows.execute(
                "INSERT INTO workloads (id, generation, host_boot_id, paid_until_boottime_s) VALUES (?1, 0, ?2, ?3)"
                " ON CONFLICT (id) DO UPDATE SET host_boot_id = ?2, paid_until_boottime_s = ?3",
                (workload_id, self._boot_id, round(boottime_s() + seconds, 1)),
            )
