"""The guests of this machine as the daemon sees them: what runs, what is to be done with it, how long it may run."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime

from sharemtc.wire import Command, HeartbeatAnswer, UnsupportedCommand, Workload, WorkloadState
from sharemtc_agent.client import Client
from sharemtc_agent.commands import Executor
from sharemtc_agent.config import State
from sharemtc_agent.journal import Fences, Journal
from sharemtc_agent.log_lines import LIFECYCLE
from sharemtc_agent.runtimes.machine import Hypervisor
from sharemtc_agent.runtimes.probe import probe_hypervisor
from sharemtc_agent.runtimes.qemu import QemuRuntime
from sharemtc_agent.sensors.workload import WorkloadUse, workload_use
from sharemtc_agent.set_aside import SetAside

MAX_REPORTED = 1000
SET_ASIDE_CHECK_S = 3600.0

log = logging.getLogger(__name__)


class Guests:
    """Guests under QEMU. Build it inside the event loop in which it is used."""

    def __init__(self, state: State, client: Client) -> None:
        self._state = state
        self._runtime = QemuRuntime(state.vms, None)
        self._set_aside = SetAside(state.set_aside)
        self._set_aside_checked_at = float("-inf")
        journal, fences = Journal(state.commands), Fences(state.fences_file)
        self._executor = Executor(self._runtime, client, journal, fences, self._set_aside)
        self.note = ""

    @property
    def hypervisor(self) -> Hypervisor | None:
        return self._runtime.hypervisor

    async def probe(self, listen_address: str) -> None:
        """Finds out how guests run here; `note` says what was found."""
        self._runtime.hypervisor, self.note = await probe_hypervisor(self._state.path, listen_address)
        (log.info if self.hypervisor else log.warning)("virtual machines: %s", self.note, extra=LIFECYCLE)

    def resume(self) -> None:
        """After a start: goes on with what was under way."""
        self._executor.resume()

    def workloads(self) -> tuple[Workload, ...]:
        """What runs here, from processes and disk. A machine on its way up counts as booting from the start."""
        seen = []
        preparing = self._executor.preparing()
        for workload in self._runtime.workloads()[:MAX_REPORTED]:
            if workload.state is WorkloadState.STOPPED and workload.id in preparing:
                seen.append(workload.model_copy(update={"state": WorkloadState.BOOTING}))
            elif workload.state is WorkloadState.STOPPED and not self._runtime.has_disk(workload.id):
                self._executor.remove_remains(workload.id)  # stopped would promise a disk
            else:
                seen.append(workload)
        return tuple(seen)

    def running_ids(self) -> tuple[str, ...]:
        """The VMs that have a process."""
        return tuple(sorted(self._runtime.processes()))

    def uses(self) -> dict[str, tuple[int, WorkloadUse]]:
        """By VM that runs: its vCPUs and what it takes of the host."""
        found = {}
        for workload_id, process in list(self._runtime.processes().items())[:MAX_REPORTED]:
            folder = self._runtime.folder(workload_id)
            record, use = folder.read(), workload_use(process.pid, folder.disk)
            if record is not None and use is not None:
                found[workload_id] = (record.spec.vcpus, use)
        return found

    def submit(self, commands: tuple[Command | UnsupportedCommand, ...]) -> None:
        """Takes commands that were polled for."""
        self._executor.submit(commands)

    async def obey(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        """Does all that the answer to a heartbeat asks for."""
        for paid in answer.workloads:
            self._executor.leases.renew(paid.id, paid.paid_until, answer.server_time)
        self._executor.submit(answer.commands)
        generations = {workload.id: workload.generation for workload in reported}
        for workload_id in answer.orphans:
            if workload_id in generations:
                self._executor.destroy(workload_id, generations[workload_id])
        for workload_id in answer.unknown:
            if workload_id in generations:
                self._executor.set_aside(workload_id, generations[workload_id], answer.server_time)
        await self._delete_expired(answer.server_time)
        await self._executor.flush()

    async def _delete_expired(self, now: datetime) -> None:
        """By the platform's clock alone: one that is wrong here would delete too early what cannot be had again."""
        if time.monotonic() - self._set_aside_checked_at >= SET_ASIDE_CHECK_S:
            self._set_aside_checked_at = time.monotonic()
            await asyncio.to_thread(self._set_aside.delete_expired, now)

    def stop_overdue(self) -> None:
        """Stops the machines whose paid time is over, as far as is known here."""
        for workload_id in self._runtime.processes():
            if self._executor.leases.left_s(workload_id) < 0:
                self._executor.stop_unpaid(workload_id)

    async def close(self) -> None:
        """Abandons what is under way; machines run on."""
        await self._executor.close()
