"""The agent's daemon: four verbs (run, cycle, reload, shutdown); signals are flags that its loops read.

It leaves the machines running when it ends, however it ends, and takes hold of them again when it starts.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable

from sharemtc.wire import Heartbeat, HeartbeatAnswer, Inventory, Workload, WorkloadState
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.commands import Executor
from sharemtc_agent.config import Config, State
from sharemtc_agent.inventory import read_figures, read_inventory
from sharemtc_agent.journal import Fences, Journal
from sharemtc_agent.keys import load_key
from sharemtc_agent.runtimes.probe import probe_hypervisor
from sharemtc_agent.runtimes.qemu import QemuRuntime
from sharemtc_agent.sensors import cpu
from sharemtc_agent.sequence import Sequence

INVENTORY_EVERY_S = 60.0
LEASE_CHECK_S = 1.0
SILENT_INTERVALS = 3
MAX_BACKOFF_S = 30.0
BACKOFF_INTERVALS = 3
JITTER = 0.1

log = logging.getLogger(__name__)


class Daemon:
    """One host's agent. Build it inside the event loop in which it runs."""

    def __init__(self, state: State, config: Config) -> None:
        self._state = state
        self._config = config
        self._client = Client(
            config.url, load_key(state.key_file), Sequence(state.sequence_file), host_id=config.host_id
        )
        self._runtime = QemuRuntime(state.vms, None)
        self._executor = Executor(self._runtime, self._client, Journal(state.commands), Fences(state.fences_file))
        self._instance = secrets.token_hex(16)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._heartbeat_s = float(config.heartbeat_interval_s)
        self._poll_s = float(config.command_poll_s)
        self._note = ""
        self._inventory: Inventory | None = None
        self._inventory_sent: Inventory | None = None
        self._inventory_read_at = 0.0
        self._heard_at = time.monotonic()
        self._reachable: bool | None = None

    async def run(self) -> None:
        """Runs until shutdown."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.shutdown)
        loop.add_signal_handler(signal.SIGINT, self.shutdown)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        try:
            await self._probe()
            self._executor.resume()
            _notify("READY=1")
            log.info("agent of %s reports to %s", self._config.host_id, self._config.url)
            await asyncio.gather(
                self._repeat("heartbeat", self.cycle, lambda: self._heartbeat_s),
                self._repeat("poll", self._poll, lambda: self._poll_s),
                self._repeat("leases", self._enforce_leases, lambda: LEASE_CHECK_S),
            )
        finally:
            _notify("STOPPING=1")
            await self._executor.close()
            await self._client.close()
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(each)
            log.info("agent ended; machines run on")

    async def cycle(self) -> None:
        """One heartbeat, and all that its answer asks for."""
        if self._reload.is_set():
            self._reload.clear()
            await self._reread()
        inventory = await self._changed_inventory()
        figures = await asyncio.to_thread(read_figures, self._state.path)
        workloads = self.workloads()
        beat = Heartbeat(instance=self._instance, figures=figures, workloads=workloads, inventory=inventory)
        answer = await self._client.heartbeat(beat)
        self._inventory_sent = self._inventory
        await self._obey(answer, workloads)

    def reload(self) -> None:
        """Reads the settings and looks at the machine again, before the next heartbeat."""
        self._reload.set()

    def shutdown(self) -> None:
        """Ends the loops; machines run on."""
        self._stop.set()

    def workloads(self) -> tuple[Workload, ...]:
        """What runs here, from processes and disk. A machine on its way up counts as booting from the start."""
        seen = []
        preparing = self._executor.preparing()
        for vm_id in self._runtime.vm_ids()[:1000]:
            workload = self._runtime.workload(vm_id)
            if workload.state is WorkloadState.STOPPED and vm_id in preparing:
                workload = workload.model_copy(update={"state": WorkloadState.BOOTING})
            seen.append(workload)
        return tuple(seen)

    # --- loops ------------------------------------------------------------------------------------------------------

    async def _repeat(self, name: str, step: Callable[[], Awaitable[None]], interval_s: Callable[[], float]) -> None:
        """Calls `step` at its interval until shutdown, less often while the control plane is away."""
        failures = 0
        while not self._stop.is_set():
            try:
                await step()
                failures = 0
            except ApiError as error:
                failures += 1
                self._set_reachable(error)
            except Exception:
                failures += 1
                log.exception("%s failed", name)
            bound_s = min(MAX_BACKOFF_S, BACKOFF_INTERVALS * interval_s())
            pause_s = min(bound_s, 2.0 ** min(failures, 6)) if failures else interval_s()
            pause_s *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 spreading load is no secret
            try:
                async with asyncio.timeout(pause_s):
                    await self._stop.wait()
            except TimeoutError:
                continue

    async def _poll(self) -> None:
        if self._reachable is False:
            return  # the heartbeat finds out when it is back
        self._executor.submit((await self._client.commands()).commands)
        self._set_reachable(None)

    async def _obey(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        self._heard_at = time.monotonic()
        self._set_reachable(None)
        self._heartbeat_s = float(max(1, answer.heartbeat_interval_s))
        self._poll_s = float(max(1, answer.command_poll_s))
        for paid in answer.workloads:
            self._executor.leases.renew(paid.id, paid.paid_until, answer.server_time)
        self._executor.submit(answer.commands)
        generations = {workload.id: workload.generation for workload in reported}
        for vm_id in answer.orphans:
            if vm_id in generations:
                self._executor.destroy(vm_id, generations[vm_id])
        await self._executor.flush()

    async def _enforce_leases(self) -> None:
        """While the control plane is silent: stops the machines whose paid time is over."""
        if time.monotonic() - self._heard_at < SILENT_INTERVALS * self._heartbeat_s:
            return
        overdue = [vm_id for vm_id in self._runtime.vm_ids() if self._executor.leases.left_s(vm_id) < 0]
        for vm_id in overdue:
            if self._runtime.is_running(vm_id):
                self._executor.stop_unpaid(vm_id)

    # --- what the machine is ----------------------------------------------------------------------------------------

    async def _probe(self) -> None:
        hypervisor, note = await probe_hypervisor(self._state.path, self._config.connect_address)
        (log.info if hypervisor else log.warning)("virtual machines: %s", note)
        self._runtime.hypervisor = hypervisor
        self._note = note
        cpu.cpu_used_percent()  # the first call measures nothing, it begins the measurement
        self._inventory_read_at = float("-inf")

    async def _reread(self) -> None:
        self._config = self._state.need_config()
        await self._probe()
        self._inventory_sent = None

    async def _changed_inventory(self) -> Inventory | None:
        """The inventory if the control plane has not seen it like this."""
        if time.monotonic() - self._inventory_read_at >= INVENTORY_EVERY_S:
            self._inventory = await asyncio.to_thread(
                read_inventory, self._config, self._state.path, self._runtime.hypervisor, self._note
            )
            self._inventory_read_at = time.monotonic()
        return self._inventory if self._inventory != self._inventory_sent else None

    def _set_reachable(self, error: ApiError | None) -> None:
        """Logs when the control plane goes away or comes back, not every time in between."""
        reachable = error is None
        if error is not None and self._reachable is not False:
            log.warning("the control plane does not do as asked: %s", error)
        if reachable and self._reachable is False:
            log.info("the control plane is back")
        self._reachable = reachable


def _notify(message: str) -> None:
    """Tells systemd, where it started the agent (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        try:
            notify.sendto(message.encode(), address.replace("@", "\0", 1))
        except OSError:
            log.debug("the service manager could not be told %s", message)
