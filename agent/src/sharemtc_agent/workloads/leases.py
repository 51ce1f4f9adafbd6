"""How long workloads run on without word from the control plane: as long as they are paid for."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

from sharemtc_agent.database import Database

# For a workload that was made and of which the control plane has not spoken since.
UNCONFIRMED_S = 600.0


def boottime_s() -> float:
    """Seconds since the host started, sleep included where the system counts it: no clock that anyone sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


def host_boot_id(file: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """What names this start of the host; empty where the system does not tell."""
    return file.read_text().strip() if sys.platform == "linux" else ""


class Leases:
    """The table `workloads`. Times from the control plane count relative to its own clock.

    Kept on the host's boot clock, which neither steps nor survives a restart of the host: nor do the processes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._boot_id = host_boot_id()

    def renew(self, workload_id: str, paid_until: datetime, server_time: datetime) -> None:
        """Takes over until when the workload is paid. Not flushed to disk: it changes with every heartbeat."""
        self._write(workload_id, (paid_until - server_time).total_seconds())

    def grant_unconfirmed(self, workload_id: str) -> None:
        """Gives a workload that was just asked for the time until it can be confirmed."""
        if self.left_s(workload_id) < UNCONFIRMED_S:
            self._write(workload_id, UNCONFIRMED_S)

    def left_s(self, workload_id: str) -> float:
        """Seconds left, negative when over. One without a lease of this boot of the host has none left."""
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
