"""The workloads of this machine as the daemon sees them: what runs, what is to be done with it, how long it may run."""

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
    """What the runtimes of this machine run; a machine may have none. Build it inside the event loop of its use."""

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
        """How workloads of that kind run here, as it was tried."""
        return self._probe_results.get(kind) or ProbeResult("" if kind in self._runtimes else LINUX_ONLY)

    async def probe(self, listen_address: str) -> None:
        """Tries how workloads run here."""
        for kind, runtime in self._runtimes.items():
            found = self._probe_results[kind] = await runtime.probe(self._state.path, listen_address)
            (log.info if found.accelerator else log.warning)("%s: %s", kind, found.note, extra=LIFECYCLE)

    def resume(self) -> None:
        """After a start: goes on with what was under way."""
        self._executor.resume()

    def workloads(self) -> tuple[Workload, ...]:
        """What runs here. A workload on its way up counts as booting from the start."""
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
                    self._executor.remove_remains(seen.id)  # stopped would promise that it can be started
        return tuple(reported[:MAX_REPORTED])

    def _reported(self, seen: WorkloadStatus, state: WorkloadState) -> Workload:
        return Workload(
            id=seen.id, generation=self._fences.generation(seen.id), state=state, ssh_port=seen.ssh_port,
            boot_id=seen.boot_id, uptime_ms=seen.uptime_ms,
        )  # fmt: skip

    def running_ids(self) -> tuple[str, ...]:
        """The workloads that have a process."""
        return tuple(each for runtime in self._runtimes.values() for each in runtime.running_ids())

    def uses(self) -> Mapping[str, tuple[int, WorkloadUse]]:
        """By workload that runs: its vCPUs and what it takes of the host."""
        found = chain.from_iterable(runtime.stats().items() for runtime in self._runtimes.values())
        return dict(islice(found, MAX_REPORTED))

    def submit(self, commands: tuple[Command | UnsupportedCommand, ...]) -> None:
        """Takes commands that were polled for."""
        self._executor.submit(commands)

    async def apply_answer(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        """Does all that the answer to a heartbeat asks for."""
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
        """By the platform's clock alone: one that is wrong here would delete too early what cannot be had again."""
        if time.monotonic() - self._set_aside_checked_at >= SET_ASIDE_CHECK_S:
            self._set_aside_checked_at = time.monotonic()
            await asyncio.to_thread(self._set_aside.delete_expired, now)

    def stop_overdue(self) -> None:
        """Stops the workloads whose paid time is over, as far as is known here."""
        for workload_id in self.running_ids():
            if self._leases.left_s(workload_id) < 0:
                self._executor.stop_unpaid(workload_id)

    async def close(self) -> None:
        """Abandons what is under way; workloads run on."""
        await self._executor.close()
