"""The agent's daemon: four verbs (run, cycle, reload, shutdown); signals are flags that its loops read.

It leaves the machines running when it ends, however it ends, and takes hold of them again when it starts.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sharemtc.wire import Heartbeat, HeartbeatAnswer, Inventory, Workload
from sharemtc_agent import memory, service_manager
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.config import Config, State
from sharemtc_agent.inventory import read_figures, read_inventory
from sharemtc_agent.keys import load_key
from sharemtc_agent.log_lines import LIFECYCLE
from sharemtc_agent.no_guests import NoGuests
from sharemtc_agent.sensors.containers import Engine, find_engine
from sharemtc_agent.sensors.cpu import CpuMeter
from sharemtc_agent.sequence import Sequence

if TYPE_CHECKING:
    from sharemtc_agent.guests import Guests

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
        memory.limit_arenas()
        self._state = state
        self._config = config
        self._client = Client(
            config.url, load_key(state.key_file), Sequence(state.sequence_file), host_id=config.host_id
        )
        self._guests = _guests(state, self._client)
        self._instance = secrets.token_hex(16)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._heartbeat_s = float(config.heartbeat_interval_s)
        self._poll_s = float(config.command_poll_s)
        self._meter = CpuMeter()
        self._engine = Engine(available=False, detail="")
        self._inventory: Inventory | None = None
        self._inventory_sent: Inventory | None = None
        self._inventory_read_at = 0.0
        self._heard_at = time.monotonic()
        self._reachable: bool | None = None

    async def run(self) -> None:
        """Runs until shutdown."""
        self._hear_signals()
        try:
            await self._probe()
            self._guests.resume()
            memory.give_back()
            service_manager.notify("READY=1", f"STATUS=reports to {self._config.url}")
            log.info("agent of %s reports to %s", self._config.host_id, self._config.url, extra=LIFECYCLE)
            await asyncio.gather(
                self._repeat("heartbeat", self.cycle, lambda: self._heartbeat_s),
                self._repeat("poll", self._poll, lambda: self._poll_s),
                self._repeat("leases", self._enforce_leases, lambda: LEASE_CHECK_S),
            )
        finally:
            service_manager.notify("STOPPING=1", "STATUS=ends; machines run on")
            await self._guests.close()
            await self._client.close()
            log.info("agent ended; machines run on")

    async def cycle(self) -> None:
        """One heartbeat, and all that its answer asks for."""
        if self._reload.is_set():
            self._reload.clear()
            await self._reread()
        inventory = await self._changed_inventory()
        figures = await asyncio.to_thread(read_figures, self._state.path, self._meter)
        workloads = self._guests.workloads()
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
        self._guests.submit((await self._client.commands()).commands)
        self._set_reachable(None)

    async def _obey(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        self._heard_at = time.monotonic()
        self._set_reachable(None)
        self._heartbeat_s = float(max(1, answer.heartbeat_interval_s))
        self._poll_s = float(max(1, answer.command_poll_s))
        await self._guests.obey(answer, reported)

    async def _enforce_leases(self) -> None:
        """While the control plane is silent: stops the machines whose paid time is over."""
        if time.monotonic() - self._heard_at >= SILENT_INTERVALS * self._heartbeat_s:
            self._guests.stop_overdue()

    # --- what the machine is ----------------------------------------------------------------------------------------

    async def _probe(self) -> None:
        await self._guests.probe(self._config.connect_address)
        self._engine = await asyncio.to_thread(find_engine)
        self._inventory_read_at = float("-inf")

    async def _reread(self) -> None:
        self._config = self._state.need_config()
        await self._probe()
        self._inventory_sent = None

    async def _changed_inventory(self) -> Inventory | None:
        """The inventory if the control plane has not seen it like this."""
        if time.monotonic() - self._inventory_read_at >= INVENTORY_EVERY_S:
            self._inventory = await asyncio.to_thread(
                read_inventory,
                self._config,
                self._state.path,
                self._guests.hypervisor,
                self._guests.note,
                self._engine,
            )
            self._inventory_read_at = time.monotonic()
        return self._inventory if self._inventory != self._inventory_sent else None

    def _set_reachable(self, error: ApiError | None) -> None:
        """Logs when the control plane goes away or comes back, not every time in between."""
        reachable = error is None
        if error is not None and self._reachable is not False:
            log.warning("the control plane does not do as asked: %s", error)
        if reachable and self._reachable is False:
            log.info("the control plane is back", extra=LIFECYCLE)
        self._reachable = reachable

    def _hear_signals(self) -> None:
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            # its loop takes no handlers; these run between two steps of the program
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda *_: loop.call_soon_threadsafe(self.shutdown))
            return
        loop.add_signal_handler(signal.SIGTERM, self.shutdown)
        loop.add_signal_handler(signal.SIGINT, self.shutdown)
        loop.add_signal_handler(signal.SIGHUP, self.reload)


def _guests(state: State, client: Client) -> Guests | NoGuests:
    """Elsewhere than on Linux the runtime is not even loaded."""
    if sys.platform != "linux":
        return NoGuests()
    from sharemtc_agent.guests import Guests

    return Guests(state, client)
