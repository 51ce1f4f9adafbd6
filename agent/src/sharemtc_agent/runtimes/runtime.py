"""What a runtime does: it makes and ends workloads of one kind, and says what it sees of them.

Whether and for how long something may be done is decided above it, by the executor. A new kind is a module with this
protocol and a line in `registry.py`.
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
    """A runtime could not do what was asked. `code` is stable; `detail` is for people and holds no secret."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class ProbeResult:
    """How workloads of a kind run here; `note` says what was found, or why they do not run."""

    note: str = ""
    accelerator: Accelerator | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkloadStatus:
    """What is seen of a workload now. `uptime_ms` is for how long the boot named by `boot_id` has run."""

    id: str
    state: WorkloadState
    ssh_port: int | None = None
    boot_id: str = ""
    uptime_ms: int | None = None


class Runtime(Protocol):
    """Every operation is idempotent, bounded by a deadline, and raises RuntimeFailure saying why it could not be done.

    The caller runs one operation at a time per workload.
    """

    kind: WorkloadKind

    async def probe(self, state: Path, listen_address: str, *, afresh: bool = False) -> ProbeResult:
        """Tries how workloads run here; what was found before is believed, unless `afresh`."""

    def workload_ids(self) -> tuple[str, ...]:
        """Every workload of which there is anything."""

    def running_ids(self) -> tuple[str, ...]:
        """Those that run or are about to."""

    def inspect(self) -> tuple[WorkloadStatus, ...]:
        """What is seen of every workload, by id."""

    def is_startable(self, workload_id: str) -> bool:
        """Whether all is there that it could be started from."""

    def folder_of(self, workload_id: str) -> Path | None:
        """The files of a workload that could be put back later; None where there are none."""

    def stats(self) -> Mapping[str, tuple[int, WorkloadUse]]:
        """By workload that runs: its vCPUs, and what it takes of the host."""

    async def create(self, workload_id: str, spec: Spec, deadline: Deadline, report: Report) -> Proof:
        """Makes and starts it. A failure leaves nothing of it, unless it has been its renter's already."""

    async def start(self, workload_id: str, deadline: Deadline, report: Report) -> Proof:
        """Starts it, unless it runs. A failure leaves it stopped."""

    async def restart(self, workload_id: str, deadline: Deadline, report: Report) -> Proof:
        """Ends and starts it again."""

    async def stop(self, workload_id: str, deadline: Deadline) -> Proof:
        """Ends its processes, its data kept."""

    async def terminate(self, workload_id: str) -> Proof:
        """Ends its processes and deletes its data."""

    async def adopt(self, workload_id: str, deadline: Deadline) -> Proof:
        """Takes hold of one that was found running after a restart of the agent."""
