"""The workloads of this machine as the daemon uses them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, islice

from sharemtc.wire import (
    Command,
    HeartbeatAnswer,
    UnsupportedCommand,
    Workload,
    WorkloadKind,
    WorkloadState,
)
from sharemtc_agent.client import Client
from sharemtc_agent.config import State
from sharemtc_agent.database import Database
from sharemtc_agent.log_lines import LIFECYCLE
from sharemtc_agent.runtimes.registry import find_runtimes
from sharemtc_agent.runtimes.runtime import ProbeResult, WorkloadStatus
from sharemtc_agent.sensors.capabilities import LINUX_ONLY
from sharemtc_agent.sensors.workload import WorkloadUse
from sharemtc_agent.workloads.executor import Executor
from sharemtc_agent.workloads.fences import Fences
from sharemtc_agent.workloads.journal import Journal
from sharemtc_agent.workloads.leases import Leases
from sharemtc_agent.workloads.set_aside import SetAside

MAX_REPORTED = 1000
SET_ASIDE_CHECK_S = 3600.0

log = logging.getLogger(__name__)


class Workloads:
    """The workloads of all runtimes of this machine, which may have none. Construct it inside the event loop."""

    def __init__(self, state: State, client: Client, database: Database) -> None:
        self._state = state
        self._runtimes = find_runtimes(state.vms)
        self._probe_results: dict[WorkloadKind, ProbeResult] = {}
        self._set_aside = SetAside(state.set_aside)
        self._set_aside_checked_at = float("-inf")
        self._fences, self._leases = Fences(database), Leases(database)
        self._executor = Executor(
            self._runtimes, client, Journal(database), self._fences, self._leases, self._set_aside
        )

    def probe_result(self, kind: WorkloadKind) -> ProbeResult:
        return self._probe_results.get(kind) or ProbeResult("" if kind in self._runtimes else LINUX_ONLY)

    async def probe(self, listen_address: str) -> None:
        for kind, runtime in self._runtimes.items():
            found = self._probe_results[kind] = await runtime.probe(self._state.path, listen_address)
            (log.info if found.accelerator else log.warning)("%s: %s", kind, found.note, extra=LIFECYCLE)

    def resume(self) -> None:
        self._executor.resume()

    def workloads(self) -> tuple[Workload, ...]:
        """The workloads to report. One that is being created or started counts as booting."""
        reported = []
        preparing = self._executor.preparing()
        for runtime in self._runtimes.values():
            for seen in runtime.inspect():
                if seen.state is not WorkloadState.STOPPED:
                    reported.append(self._reported(seen, seen.state))
                elif seen.id in preparing:
                    reported.append(self._reported(seen, WorkloadState.BOOTING))
                elif runtime.is_startable(seen.id):
                    reported.append(self._reported(seen, WorkloadState.STOPPED))
                else:
                    self._executor.remove_remains(seen.id)  # reporting it as stopped would promise that it can start
        return tuple(reported[:MAX_REPORTED])

    def _reported(self, seen: WorkloadStatus, state: WorkloadState) -> Workload:
        return Workload(
            id=seen.id, generation=self._fences.generation(seen.id), state=state, ssh_port=seen.ssh_port,
            boot_id=seen.boot_id, uptime_ms=seen.uptime_ms,
        )  # fmt: skip

    def running_ids(self) -> tuple[str, ...]:
        return tuple(each for runtime in self._runtimes.values() for each in runtime.running_ids())

    def uses(self) -> Mapping[str, tuple[int, WorkloadUse]]:
        """By running workload: its vCPUs and its use of the host."""
        found = chain.from_iterable(runtime.stats().items() for runtime in self._runtimes.values())
        return dict(islice(found, MAX_REPORTED))

    def submit(self, commands: tuple[Command | UnsupportedCommand, ...]) -> None:
        self._executor.submit(commands)

    async def apply_answer(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        for paid in answer.workloads:
            self._leases.renew(paid.id, paid.paid_until, answer.server_time)
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
        """By the platform's clock: a wrong local clock could delete data too early."""
        if time.monotonic() - self._set_aside_checked_at >= SET_ASIDE_CHECK_S:
            self._set_aside_checked_at = time.monotonic()
            await asyncio.to_thread(self._set_aside.delete_expired, now)

    def stop_overdue(self) -> None:
        for workload_id in self.running_ids():
            if self._leases.left_s(workload_id) < 0:
                self._executor.stop_unpaid(workload_id)

    async def close(self) -> None:
        """Cancels running commands; workloads keep running."""
        await self._executor.close()
