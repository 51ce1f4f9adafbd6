"""The interface of a runtime: it creates and ends workloads of one kind and reports their status.

The executor decides whether and how long a workload may run. A new kind is a module with this protocol and a line in
`registry.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sharemtc.wire import Accelerator, Phase, Proof, Spec, WorkloadKind, WorkloadState
from sharemtc_agent.runtimes.deadline import Deadline
from sharemtc_agent.sensors.workload import WorkloadUse

Report = Callable[[Phase], None]


class RuntimeFailure(Exception):
    """An operation failed. `code` is stable; `detail` is for people and holds no secret."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class ProbeResult:
    """How workloads of a kind run here; `note` says what was found, or why they cannot run."""

    note: str = ""
    accelerator: Accelerator | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkloadStatus:
    """The status of a workload now. `uptime_ms` is of the boot named by `boot_id`."""

    id: str
    state: WorkloadState
    ssh_port: int | None = None
    boot_id: str = ""
    uptime_ms: int | None = None


class Runtime(Protocol):
    """Every operation is idempotent, bounded by a deadline, and raises `RuntimeFailure` if it fails.

    The caller runs one operation at a time per workload.
    """

    kind: WorkloadKind

    async def probe(self, state: Path, listen_address: str, *, afresh: bool = False) -> ProbeResult:
        """Tests how workloads run here; the last result is reused unless `afresh`."""

    def workload_ids(self) -> tuple[str, ...]:
        """Every workload that has files or a process."""

    def running_ids(self) -> tuple[str, ...]:
        """Workloads that run or boot."""

    def is_running(self, workload_id: str) -> bool:
        """Whether one workload runs or boots, without a look at all others."""

    def inspect(self) -> tuple[WorkloadStatus, ...]: ...

    def is_startable(self, workload_id: str) -> bool:
        """Whether all files needed for a start exist."""

    def folder_of(self, workload_id: str) -> Path | None:
        """The files of a workload, which could be restored later; None if there are none."""

    def stats(self) -> Mapping[str, tuple[int, WorkloadUse]]:
        """By running workload: its vCPUs and its use of the host."""

    async def create(self, workload_id: str, spec: Spec, deadline: Deadline, report: Report) -> Proof:
        """Creates and starts it. A failure removes it, unless its renter has already had access."""

    async def start(self, workload_id: str, deadline: Deadline, report: Report) -> Proof:
        """Starts it unless it runs. A failure leaves it stopped."""

    async def restart(self, workload_id: str, deadline: Deadline, report: Report) -> Proof: ...

    async def stop(self, workload_id: str, deadline: Deadline) -> Proof:
        """Ends its processes and keeps its data."""

    async def terminate(self, workload_id: str) -> Proof:
        """Ends its processes and deletes its data."""

    async def adopt(self, workload_id: str, deadline: Deadline) -> Proof:
        """Reconnects to a workload found running after a restart of the agent."""
