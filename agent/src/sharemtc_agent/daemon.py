"""The agent's daemon. Signals only set flags, which its loops read.

VMs keep running when the agent ends, and it adopts them again when it starts.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from enum import Enum

from sharemtc.wire import (
    PROTOCOL_VERSION,
    Farewell,
    Figures,
    Heartbeat,
    HeartbeatAnswer,
    Inventory,
    Workload,
    WorkloadKind,
)
from sharemtc_agent import memory, service_manager
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.config import Config, State
from sharemtc_agent.control_requests import ControlRequests, Outcome
from sharemtc_agent.database import Database
from sharemtc_agent.error_advice import KEY_COPIED, advice_on, save_closed_reason
from sharemtc_agent.inventory import read_figures, read_inventory
from sharemtc_agent.keys import load_key
from sharemtc_agent.log_lines import LIFECYCLE, LineKeeper
from sharemtc_agent.loops import repeat
from sharemtc_agent.problems import Problems
from sharemtc_agent.self_test.daily import DailySelfTest
from sharemtc_agent.sensors import system
from sharemtc_agent.sensors.capabilities import Engines, find_engines
from sharemtc_agent.sensors.containers import Engine
from sharemtc_agent.sensors.cpu import CpuMeter
from sharemtc_agent.sensors.disk import disk_usage
from sharemtc_agent.sensors.guard import guarded
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.telemetry.health import Condition, HealthLog, Starts, clock
from sharemtc_agent.telemetry.reporter import SAMPLE_EVERY_S, Reporter
from sharemtc_agent.telemetry.sampler import Sampler
from sharemtc_agent.telemetry.spool import Spool
from sharemtc_agent.workloads.service import Workloads

INVENTORY_EVERY_S = 60.0
ENGINES_EVERY_S = 600.0
LEASE_CHECK_S = 1.0
SILENT_INTERVALS = 3
SELF_TEST_LOOK_S = 5.0
CONTROL_LOOK_S = 2.0
MAX_THREADS = 4

log = logging.getLogger(__name__)


class Ending(Enum):
    """Why the daemon ended."""

    SHUTDOWN = "shutdown"
    KEY_COPIED = "key_copied"


class Daemon:
    """One host's agent. Construct it inside the event loop in which it runs."""

    def __init__(self, state: State, config: Config) -> None:
        memory.limit_arenas()
        assert config.host_id is not None
        self._state = state
        self._config = config
        self._database = Database(state.database_file)
        self._client = Client(config.url, load_key(state.key_file), Sequence(self._database), host_id=config.host_id)
        self._workloads = Workloads(state, self._client, self._database)
        self._instance = secrets.token_hex(16)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._heartbeat_s = float(config.heartbeat_interval_s)
        self._poll_s = float(config.command_poll_s)
        self._meter = CpuMeter()
        unknown = Engine(available=False, detail="")
        self._engines = Engines(unknown, unknown)
        self._engines_read_at = 0.0
        self._figures: Figures | None = None
        self._inventory: Inventory | None = None
        self._inventory_sent: Inventory | None = None
        self._inventory_read_at = 0.0
        self._last_answer_at = time.monotonic()
        self._reachable: bool | None = None
        self._advised = ""
        self._clock_right = True
        self._newer_protocol = 0
        self._key_copied = asyncio.Event()
        self._problems = Problems(state.problems_file)
        self._lines = LineKeeper()
        self._starts = Starts(state.starts_file)
        self._sampler = Sampler(config.host_id, state.path)
        self._reporter = Reporter(
            self._client,
            Spool(state.spool),
            self._sampler,
            HealthLog(config.host_id, state.checks_file),
            self._lines,
            uses=self._workloads.uses,
            look=self._condition,
        )
        self._reporter.interval_s = float(config.telemetry_interval_s)
        self._self_test = DailySelfTest(state, self._client)
        self._control_requests = ControlRequests(state.path)

    async def run(self) -> Ending:
        """Runs until shutdown, or until the host's key was copied and nothing runs here."""
        logging.getLogger("sharemtc_agent").addHandler(self._lines)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(MAX_THREADS))
        self._handle_signals()
        self._starts.note()
        try:
            await self._probe()
            self._workloads.resume()
            memory.trim()
            service_manager.notify("READY=1", f"STATUS=reporting to {self._config.url}")
            log.info("agent of %s is reporting to %s", self._config.host_id, self._config.url, extra=LIFECYCLE)
            await self._work()
        finally:
            service_manager.notify("STOPPING=1", "STATUS=stopping; VMs keep running")
            await self._workloads.close()
            await self._client.close()
            self._database.close()
            logging.getLogger("sharemtc_agent").removeHandler(self._lines)
            log.info("agent ended; VMs keep running")
        return Ending.KEY_COPIED if self._key_copied.is_set() else Ending.SHUTDOWN

    async def _work(self) -> None:
        loops = [
            repeat("heartbeat", self.cycle, lambda: self._heartbeat_s, self._stop, on_refusal=self._on_refusal),
            repeat("poll", self._poll, lambda: self._poll_s, self._stop, on_refusal=self._on_refusal),
            repeat("leases", self._enforce_leases, lambda: LEASE_CHECK_S, self._stop),
            repeat("measuring", self._reporter.measure, lambda: SAMPLE_EVERY_S, self._stop),
            repeat("telemetry", self._report, lambda: self._reporter.interval_s, self._stop),
            repeat("self-test", self._run_self_test, lambda: SELF_TEST_LOOK_S, self._stop),
            repeat("control requests", self._answer_control_request, lambda: CONTROL_LOOK_S, self._stop),
        ]
        watchdog_s = service_manager.watchdog_interval_s()
        if watchdog_s is not None:
            loops.append(repeat("watchdog", _notify_watchdog, lambda: watchdog_s, self._stop))
        await asyncio.gather(*loops)

    async def cycle(self) -> None:
        if self._key_copied.is_set():
            return
        if self._reload.is_set():
            self._reload.clear()
            await self._reload_settings()
        inventory = await self._changed_inventory()
        figures = await asyncio.to_thread(self._read_figures)
        workloads: tuple[Workload, ...] = ()

        def make() -> Heartbeat:
            nonlocal workloads
            workloads = self._workloads.workloads()
            return Heartbeat(
                protocol_version=PROTOCOL_VERSION,
                instance=self._instance,
                figures=figures,
                workloads=workloads,
                inventory=inventory,
            )

        answer = await self._client.heartbeat(make)
        self._compare_clocks()
        self._compare_versions(answer.protocol_version)
        self._inventory_sent = self._inventory
        self._problems.take(answer.problems, described=inventory is not None)
        await self._apply_answer(answer, workloads)

    def reload(self) -> None:
        """Rereads the settings and the inventory before the next heartbeat."""
        self._reload.set()

    def shutdown(self) -> None:
        """Ends the loops; VMs keep running."""
        self._stop.set()

    # --- loops ------------------------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        if self._reachable is False or self._key_copied.is_set():
            return  # the heartbeat detects when it is reachable again
        self._workloads.submit((await self._client.commands()).commands)
        self._set_reachable(None)

    async def _report(self) -> None:
        if self._reachable is not True:
            return
        try:
            await self._reporter.send()
        except ApiError as error:
            log.debug("telemetry waits: %s", error)
            raise

    async def _run_self_test(self) -> None:
        if self._reachable is True:
            await self._self_test.run_if_due()

    async def _answer_control_request(self) -> None:
        request = self._control_requests.take()
        if request is None:
            return
        try:
            if request.self_test is not None:
                await self._self_test.send(request.self_test)
                outcome = Outcome(state="received")
            else:
                outcome = Outcome(state=(await self._client.drain(Farewell(reason=request.reason))).state)
        except ApiError as error:
            outcome = Outcome(code=error.code, detail=error.detail, status=error.status)
        self._control_requests.done(outcome)

    async def _apply_answer(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        self._last_answer_at = time.monotonic()
        self._set_reachable(None)
        self._heartbeat_s = float(max(1, answer.heartbeat_interval_s))
        self._poll_s = float(max(1, answer.command_poll_s))
        self._reporter.interval_s = float(max(5, answer.telemetry_interval_s))
        await self._workloads.apply_answer(answer, reported)

    async def _enforce_leases(self) -> None:
        """While the control plane cannot be reached, stops VMs whose paid time is over."""
        if self._key_copied.is_set() and not self._workloads.running_ids():
            self._stop.set()
        elif time.monotonic() - self._last_answer_at >= SILENT_INTERVALS * self._heartbeat_s:
            self._workloads.stop_overdue()

    # --- inventory and figures --------------------------------------------------------------------------------------

    async def _probe(self) -> None:
        await self._workloads.probe(self._config.guest_address)
        await self._read_engines()
        self._inventory_read_at = float("-inf")

    async def _read_engines(self) -> None:
        self._engines = await asyncio.to_thread(find_engines)
        self._engines_read_at = time.monotonic()

    async def _reload_settings(self) -> None:
        self._config = self._state.require_config()
        await self._probe()
        self._inventory_sent = None

    async def _changed_inventory(self) -> Inventory | None:
        if time.monotonic() - self._engines_read_at >= ENGINES_EVERY_S:
            await self._read_engines()
        if time.monotonic() - self._inventory_read_at >= INVENTORY_EVERY_S:
            self._inventory = await asyncio.to_thread(self._read_inventory)
            self._inventory_read_at = time.monotonic()
            if self._problems.of_inventory:
                self._inventory_sent = None  # what was rejected may be accepted now, such as a GPU that moved here
        return self._inventory if self._inventory != self._inventory_sent else None

    def _read_inventory(self) -> Inventory | None:
        """Falls back to the last inventory when a sensor fails."""
        vms = self._workloads.probe_result(WorkloadKind.VM)
        return guarded(
            "inventory",
            lambda: read_inventory(self._config, self._state.path, vms, self._engines),
            lambda _: self._inventory,
        )

    def _read_figures(self) -> Figures:
        """Falls back to the last figures; the first heartbeat cannot be sent without any."""
        known = self._figures
        if known is None:
            self._figures = read_figures(self._state.path, self._meter)
        else:
            self._figures = guarded("figures", lambda: read_figures(self._state.path, self._meter), lambda _: known)
        return self._figures

    def _condition(self) -> Condition:
        vms = self._workloads.probe_result(WorkloadKind.VM)
        return Condition(
            disk=disk_usage(self._state.path),
            accelerator=vms.accelerator,
            accelerator_note=vms.note,
            sells_guests=system.platform_name() == "linux",
            clock_offset_s=self._client.clock_offset_s,
            gpus=len(self._sampler.gpus.readings),
            gpus_lost=self._sampler.gpus.lost,
            gpu_trouble=self._sampler.gpus.trouble,
            starts_last_hour=self._starts.within_an_hour(),
        )

    # --- state of the control plane ---------------------------------------------------------------------------------

    def _compare_clocks(self) -> None:
        """Logs once when the local clock is wrong and once when it is right again; requests use the platform's time."""
        status, text = clock(self._client.clock_offset_s or 0.0)
        if (status == "ok") != self._clock_right:
            self._clock_right = status == "ok"
            (log.info if self._clock_right else log.warning)("this machine's clock is %s", text, extra=LIFECYCLE)

    def _compare_versions(self, theirs: int) -> None:
        """Logs once that an update is due; versions one apart still work together."""
        if theirs > PROTOCOL_VERSION and theirs != self._newer_protocol:
            self._newer_protocol = theirs
            log.warning(
                "the platform uses protocol version %d, this agent %d: update the agent soon",
                theirs, PROTOCOL_VERSION, extra=LIFECYCLE,
            )  # fmt: skip

    def _on_refusal(self, error: ApiError) -> float | None:
        """Logs once what a refusal means and what to do; returns how long to pause requests."""
        advice = advice_on(error)
        if advice is None:
            self._set_reachable(error)
            return None
        self._reachable = False
        if self._advised != error.code:
            self._advised = error.code
            save_closed_reason(self._state.closed_file, error)
            log.error("%s", advice.text)
            service_manager.notify(f"STATUS=refused: {error.code}")
        if error.code == KEY_COPIED:
            self._key_copied.set()
        return advice.pause_s

    def _set_reachable(self, error: ApiError | None) -> None:
        reachable = error is None
        if error is not None and self._reachable is not False:
            log.warning("requests to the control plane fail: %s", error)
        if reachable and self._reachable is False:
            log.info("the control plane is reachable again", extra=LIFECYCLE)
            service_manager.notify(f"STATUS=reporting to {self._config.url}")
        if reachable and self._reachable is not True:
            self._advised = ""
            save_closed_reason(self._state.closed_file, None)
        self._reachable = reachable

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            # its event loop has no signal handlers
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda *_: loop.call_soon_threadsafe(self.shutdown))
            return
        loop.add_signal_handler(signal.SIGTERM, self.shutdown)
        loop.add_signal_handler(signal.SIGINT, self.shutdown)
        loop.add_signal_handler(signal.SIGHUP, self.reload)


async def _notify_watchdog() -> None:
    service_manager.notify("WATCHDOG=1")
