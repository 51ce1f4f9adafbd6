"""Executes commands: workloads in parallel, one command at a time per workload, each with effect at most once.

Fences and leases are enforced here; runtimes only do what they are asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping
from datetime import datetime
from weakref import WeakValueDictionary

from sharemtc.wire import (
    Command,
    CommandResult,
    Failure,
    Phase,
    Progress,
    Proof,
    UnsupportedCommand,
    Verb,
    WorkloadKind,
    clean_text,
    kind_of,
)
from sharemtc_agent import __version__
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.log_lines import LIFECYCLE
from sharemtc_agent.runtimes.deadline import Deadline
from sharemtc_agent.runtimes.runtime import Runtime, RuntimeFailure
from sharemtc_agent.workloads.fences import Fences
from sharemtc_agent.workloads.journal import Journal
from sharemtc_agent.workloads.leases import Leases
from sharemtc_agent.workloads.set_aside import SetAside

MAX_ACTIVE = 64
PRUNE_EVERY = 100
BOOT_LIMIT_S = 300.0
STOP_LIMIT_S = 60.0
_BOOTS = frozenset({Verb.CREATE, Verb.START, Verb.REBOOT})

log = logging.getLogger(__name__)


class StaleCommand(RuntimeFailure):
    """The workload has a newer generation than the command."""

    def __init__(self, command: Command, known: int) -> None:
        super().__init__("stale_generation", f"generation {command.generation} is older than {known}")


class Executor:
    """Runs the control plane's commands and sends back their results."""

    def __init__(
        self,
        runtimes: Mapping[WorkloadKind, Runtime],
        client: Client,
        journal: Journal,
        fences: Fences,
        leases: Leases,
        set_aside: SetAside,
    ) -> None:
        self._runtimes = runtimes
        self._set_aside = set_aside
        self._client = client
        self._journal = journal
        self._fences = fences
        self._leases = leases
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tidying: set[str] = set()
        self._active: dict[str, Command] = {}
        self._deadlines: dict[str, Deadline] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._acknowledged = 0
        self._unsent = {
            entry.command.id: entry.result for entry in journal.unacknowledged() if entry.result is not None
        }

    def resume(self) -> None:
        self._journal.prune()
        for command in self._journal.unfinished():
            log.info("resuming %s of %s", command.verb, command.workload_id)
            self._begin(command)
        busy = {command.workload_id for command in self._active.values()}
        for runtime in self._runtimes.values():
            for workload_id in runtime.running_ids():
                if workload_id not in busy:
                    self._spawn(self._adopt(runtime, workload_id))

    def submit(self, commands: Iterable[Command | UnsupportedCommand]) -> None:
        """Accepts commands; a finished one is not run again, its result is resent."""
        for command in commands:
            if command.id in self._active:
                continue
            if isinstance(command, UnsupportedCommand):
                self._unsent[command.id] = _unsupported(command)
                self._spawn(self.flush())
                continue
            entry = self._journal.find(command.id)
            if entry is not None and entry.result is not None:
                self._unsent[command.id] = entry.result
                self._spawn(self.flush())
            elif len(self._active) >= MAX_ACTIVE:
                log.warning("too many commands in progress, %s waits for its next delivery", command.id)
            else:
                if entry is None:
                    log.info("%s of %s for request %s", command.verb, command.workload_id, command.request_id or "-")
                    self._journal.accept(command)
                self._begin(command)

    async def flush(self) -> None:
        """Sends unacknowledged results; keeps them while the control plane is unreachable."""
        async with self._sending:
            for command_id, result in list(self._unsent.items()):
                try:
                    await self._client.result(command_id, result)
                except ApiError as error:
                    if error.transient:
                        return
                    log.warning("the result of %s was rejected: %s", command_id, error)
                self._journal.acknowledge(command_id)
                self._unsent.pop(command_id, None)
                self._acknowledged += 1
                if self._acknowledged % PRUNE_EVERY == 0:
                    self._journal.prune()

    def destroy(self, workload_id: str, reported_generation: int) -> None:
        """Removes an orphaned workload, unless a newer command came since it was reported."""
        self._tidy_once(workload_id, self._destroy(workload_id, reported_generation))

    def set_aside(self, workload_id: str, reported_generation: int, now: datetime) -> None:
        """Stops a workload unknown to the platform and sets its files aside, unless a newer command came."""
        self._tidy_once(workload_id, self._stop_and_set_aside(workload_id, reported_generation, now))

    def stop_unpaid(self, workload_id: str) -> None:
        self._tidy_once(workload_id, self._stop_unpaid(workload_id))

    def remove_remains(self, workload_id: str) -> None:
        self._tidy_once(workload_id, self._remove_remains(workload_id))

    def preparing(self) -> frozenset[str]:
        """Workloads that a command is creating or starting."""
        return frozenset(command.workload_id for command in self._active.values() if command.verb in _BOOTS)

    async def close(self) -> None:
        """Cancels running commands; the journal resumes them at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _lock(self, workload_id: str) -> asyncio.Lock:
        return self._locks.setdefault(workload_id, asyncio.Lock())

    # --- one command ------------------------------------------------------------------------------------------------

    def _begin(self, command: Command) -> None:
        self._active[command.id] = command
        deadline = self._deadlines.get(command.workload_id)
        if command.verb is Verb.TERMINATE and deadline is not None:
            deadline.expire_now()  # the boot of a workload to be deleted need not finish
        self._spawn(self._run(command))

    async def _run(self, command: Command) -> None:
        try:
            async with self._lock(command.workload_id):
                result = await self._outcome(command)
                self._journal.finish(command, result)
            self._unsent[command.id] = result
        finally:
            self._active.pop(command.id, None)
        await self.flush()

    async def _outcome(self, command: Command) -> CommandResult:
        try:
            proof = await self._execute(command)
        except RuntimeFailure as error:
            failure = Failure(code=error.code, detail=error.detail[:2000])
        except Exception as error:
            log.exception("%s of %s", command.verb, command.workload_id)
            failure = Failure(code="agent_error", detail=f"{type(error).__name__}: {error}"[:2000])
        else:
            log.info("%s of %s: %s", command.verb, command.workload_id, proof.state)
            return CommandResult(generation=command.generation, proof=proof)
        log.warning("%s of %s failed: %s: %s", command.verb, command.workload_id, failure.code, failure.detail)
        return CommandResult(generation=command.generation, failure=failure)

    async def _execute(self, command: Command) -> Proof:
        runtime = self._runtimes.get(command.kind)
        if runtime is None:
            raise RuntimeFailure("kind_unsupported", f"this host does not support workloads of kind {command.kind}")
        self._fence(command)
        left_s = command.deadline.timestamp() - self._client.server_now_s()
        if command.verb in _BOOTS and left_s <= 0:
            raise RuntimeFailure("deadline_passed", "the command arrived after its deadline")
        limit_s = BOOT_LIMIT_S if command.verb in _BOOTS else STOP_LIMIT_S
        deadline = Deadline.after(min(limit_s, left_s) if left_s > 0 else limit_s)
        self._deadlines[command.workload_id] = deadline
        try:
            return await self._do(runtime, command, deadline)
        finally:
            del self._deadlines[command.workload_id]

    async def _do(self, runtime: Runtime, command: Command, deadline: Deadline) -> Proof:
        workload_id = command.workload_id

        def report(phase: Phase) -> None:
            self._spawn(self._progress(command.id, phase))
            self._leases.grant_unconfirmed(workload_id)

        match command.verb:
            case Verb.CREATE:
                if command.spec is None:
                    raise RuntimeFailure("spec_missing", "the command has no specification")
                return await runtime.create(workload_id, command.spec, deadline, report)
            case Verb.START:
                return await runtime.start(workload_id, deadline, report)
            case Verb.REBOOT:
                return await runtime.restart(workload_id, deadline, report)
            case Verb.STOP:
                return await runtime.stop(workload_id, deadline)
            case Verb.TERMINATE:
                self._fences.close(workload_id, command.generation)
                await asyncio.to_thread(self._set_aside.delete, workload_id)
                return await runtime.terminate(workload_id)

    def _fence(self, command: Command) -> None:
        terminates = command.verb is Verb.TERMINATE
        if self._fences.refuses(command.workload_id, command.generation, terminates=terminates):
            raise StaleCommand(command, self._fences.generation(command.workload_id))
        if not terminates:  # a termination closes the fence
            self._fences.advance(command.workload_id, command.generation)

    async def _progress(self, command_id: str, phase: Phase) -> None:
        try:
            await self._client.progress(command_id, Progress(phase=phase))
        except ApiError as error:
            log.debug("progress of %s was not sent: %s", command_id, error)

    # --- what is done without a command -----------------------------------------------------------------------------

    def _tidy_once(self, workload_id: str, work: Coroutine[object, object, None]) -> None:
        """Starts `work` unless it is already under way: its trigger repeats until it is done."""
        if workload_id in self._tidying:
            work.close()
            return
        self._tidying.add(workload_id)
        self._spawn(self._tidy(workload_id, work))

    async def _tidy(self, workload_id: str, work: Coroutine[object, object, None]) -> None:
        try:
            async with self._lock(workload_id):
                await work
        except (RuntimeFailure, OSError) as error:
            log.warning("%s: %s", workload_id, error)
        except Exception:
            log.exception("%s", workload_id)
        finally:
            work.close()
            self._tidying.discard(workload_id)

    async def _destroy(self, workload_id: str, reported_generation: int) -> None:
        if self._fences.generation(workload_id) > reported_generation:
            return
        log.warning("%s is an orphan and is removed", workload_id)
        self._fences.close(workload_id, reported_generation)
        await self._runtime_of(workload_id).terminate(workload_id)

    async def _stop_and_set_aside(self, workload_id: str, reported_generation: int, now: datetime) -> None:
        """The fence stays open: once the platform's tables are restored, the workload may be started again."""
        if self._fences.generation(workload_id) > reported_generation:
            return
        runtime = self._runtime_of(workload_id)
        if runtime.is_running(workload_id):
            await runtime.stop(workload_id, Deadline.after(STOP_LIMIT_S))
        folder = runtime.folder_of(workload_id)
        if folder is not None:
            self._set_aside.take(folder, now)

    async def _remove_remains(self, workload_id: str) -> None:
        runtime = self._runtime_of(workload_id)
        if not runtime.is_running(workload_id) and not runtime.is_startable(workload_id):
            log.warning("%s has lost its disk: its remains are removed", workload_id, extra=LIFECYCLE)
            await runtime.terminate(workload_id)

    async def _stop_unpaid(self, workload_id: str) -> None:
        runtime = self._runtime_of(workload_id)
        if self._leases.left_s(workload_id) < 0 and runtime.is_running(workload_id):
            log.warning("%s: the paid time is over, stopping it", workload_id)
            await runtime.stop(workload_id, Deadline.after(STOP_LIMIT_S))

    async def _adopt(self, runtime: Runtime, workload_id: str) -> None:
        async with self._lock(workload_id):
            try:
                await runtime.adopt(workload_id, Deadline.after(BOOT_LIMIT_S))
                log.info("%s was found running", workload_id)
            except (RuntimeFailure, OSError) as error:
                log.warning("%s was found running but does not respond: %s", workload_id, error)
            except Exception:
                log.exception("adopting %s failed", workload_id)

    def _runtime_of(self, workload_id: str) -> Runtime:
        return self._runtimes[kind_of(workload_id)]

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _unsupported(command: UnsupportedCommand) -> CommandResult:
    """Reports to a newer control plane what this agent cannot do; the workload stays as it is."""
    known = command.kind in set(WorkloadKind)
    failure = Failure(
        code="command_unsupported" if known else "kind_unsupported",
        detail=clean_text(f"agent {__version__} cannot {command.verb or 'do this'} a workload of kind {command.kind}"),
    )
    log.warning("%s failed: %s: %s", command.id, failure.code, failure.detail)
    return CommandResult(generation=command.generation, failure=failure)
