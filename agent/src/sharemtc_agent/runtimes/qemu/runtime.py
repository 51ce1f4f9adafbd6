"""Virtual machines: each a QEMU process with a folder of its own, proven by what can be seen of them.

What is promised of each operation: `runtimes.runtime`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sharemtc.wire import Phase, Spec, VmProof, VmSpec, WorkloadKind, WorkloadState
from sharemtc_agent.ports import LOOPBACK, can_listen, local_address
from sharemtc_agent.runtimes.deadline import Deadline
from sharemtc_agent.runtimes.qemu.banner import wait_for_banner
from sharemtc_agent.runtimes.qemu.machine import Hypervisor, machine_arguments
from sharemtc_agent.runtimes.qemu.probe import probe_hypervisor
from sharemtc_agent.runtimes.qemu.processes import (
    Process,
    find_guests,
    find_process,
    is_alive,
    kill_process,
    monitor_socket,
    reap,
    search_process,
    start_process,
    wait_gone,
)
from sharemtc_agent.runtimes.qemu.qmp import SOCKET, open_monitor
from sharemtc_agent.runtimes.qemu.records import Boot, VmFolder, VmRecord, is_vm_id, monotonic_ms
from sharemtc_agent.runtimes.qemu.seed import write_seed
from sharemtc_agent.runtimes.qemu.specs import check_spec
from sharemtc_agent.runtimes.runtime import ProbeResult, Report, RuntimeFailure, WorkloadStatus
from sharemtc_agent.runtimes.tools import printable_tail, run_tool
from sharemtc_agent.sensors.workload import WorkloadUse, workload_use

POWERDOWN_LIMIT_S = 20.0
POWERDOWN_REPEAT_S = 3.0
KILL_LIMIT_S = 10.0
_POLL_S = 0.1

log = logging.getLogger(__name__)


class QemuRuntime:
    """The VMs in `folder`. Without a hypervisor it still stops and deletes them."""

    kind = WorkloadKind.VM

    def __init__(self, folder: Path, hypervisor: Hypervisor | None = None) -> None:
        self._folder = folder
        self.hypervisor = hypervisor
        self._seen_running: dict[str, VmRecord] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def probe(self, state: Path, listen_address: str, *, afresh: bool = False) -> ProbeResult:
        """By booting a guest."""
        self.hypervisor, note = await probe_hypervisor(state, listen_address, afresh=afresh)
        if self.hypervisor is None:
            return ProbeResult(note)
        return ProbeResult(note, self.hypervisor.accelerator, (self.hypervisor.image.name,))

    def folder(self, workload_id: str) -> VmFolder:
        """The files of a VM, which may not exist."""
        return VmFolder(self._folder / workload_id)

    def folder_of(self, workload_id: str) -> Path | None:
        path = self.folder(workload_id).path
        return path if path.exists() else None

    def workload_ids(self) -> tuple[str, ...]:
        """Of a VM there may be files, or a process that outlived them."""
        return tuple(sorted({*self._folder_ids(), *self.processes()}))

    def running_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.processes()))

    def processes(self) -> dict[str, Process]:
        """The living process of each VM that has one."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # someone may have deleted it
        return find_guests(self._folder)

    def inspect(self) -> tuple[WorkloadStatus, ...]:
        processes = self.processes()
        for workload_id, process in processes.items():
            self._keep_record(workload_id, process)
        for ended in self._seen_running.keys() - processes.keys():
            del self._seen_running[ended]
        return tuple(self._seen(each, processes.get(each)) for each in sorted({*self._folder_ids(), *processes}))

    def is_startable(self, workload_id: str) -> bool:
        """Whether its disk is there."""
        return self.folder(workload_id).disk.exists()

    def stats(self) -> Mapping[str, tuple[int, WorkloadUse]]:
        found = {}
        for workload_id, process in self.processes().items():
            folder = self.folder(workload_id)
            record, use = folder.read(), workload_use(process.pid, folder.disk)
            if record is not None and use is not None:
                found[workload_id] = (record.spec.vcpus, use)
        return found

    def _folder_ids(self) -> list[str]:
        """What else lies there, such as a file system's `lost+found`, is no VM."""
        return [path.name for path in self._folder.iterdir() if is_vm_id(path.name) and path.is_dir()]

    def _keep_record(self, workload_id: str, process: Process) -> None:
        """Remembers what is known of a VM that runs, and writes it anew where its files were deleted meanwhile.

        The guest runs on until it is stopped, though from a disk that has no name any more.
        """
        folder = self.folder(workload_id)
        record, known = folder.read(), self._seen_running.get(workload_id)
        if record is not None:
            self._seen_running[workload_id] = record
        elif known is not None and not folder.record_file.exists():
            log.error("files of %s were deleted while it runs: a deleted disk is lost when it stops", workload_id)
            folder.write(known)
            folder.pid_file.write_text(f"{process.pid}\n")

    def _seen(self, workload_id: str, process: Process | None) -> WorkloadStatus:
        if process is None:
            return WorkloadStatus(workload_id, WorkloadState.STOPPED)
        record = self.folder(workload_id).read()
        port, boot = (record.ssh_port, _proven(record.boot, process)) if record else (None, None)
        if boot is None:
            return WorkloadStatus(workload_id, WorkloadState.BOOTING, port)
        return WorkloadStatus(workload_id, WorkloadState.RUNNING, port, boot.id, boot.uptime_ms())

    async def create(self, workload_id: str, spec: Spec, deadline: Deadline, report: Report) -> VmProof:
        host = self._require_hypervisor()
        check_spec(spec, host)
        folder = self.folder(workload_id)
        try:
            record = folder.read()
            if record is not None and record.delivered:
                _require_disk(folder)
            if record is None or not folder.disk.exists():
                report(Phase.PREPARING)
                await self._prepare(folder, spec)
            return await self._boot(folder, host, deadline, report)
        except Exception:
            record = folder.read()
            await (self._kill(folder) if record and record.delivered else self.terminate(workload_id))
            raise

    async def start(self, workload_id: str, deadline: Deadline, report: Report) -> VmProof:
        """Boots the VM from its disk, unless it runs. A failure leaves it stopped, its disk kept."""
        host = self._require_hypervisor()
        folder = self._require_folder(workload_id)
        try:
            return await self._boot(folder, host, deadline, report)
        except Exception:
            await self._kill(folder)
            raise

    async def restart(self, workload_id: str, deadline: Deadline, report: Report) -> VmProof:
        """Powers the guest off, so that it writes what it holds, and boots it again; one that stays on is reset."""
        folder = self._require_folder(workload_id)
        process, record = search_process(folder.pid_file), folder.read()
        if process is None or record is None:
            return await self.start(workload_id, deadline, report)
        if await self._power_down(folder, process, deadline.within(POWERDOWN_LIMIT_S)):
            return await self.start(workload_id, deadline, report)
        log.warning("%s did not power off, resetting it", workload_id)
        async with open_monitor(folder.path) as monitor:
            before = await monitor.drain_console(folder.console_log)
            folder.change(boot=None)
            report(Phase.BOOTING)
            await monitor.reset()
            port = await monitor.ssh_port()
        return await self._prove(folder, process, port, deadline, not_boot_id=before)

    async def stop(self, workload_id: str, deadline: Deadline) -> VmProof:
        """Asks the guest to power off, ends it if it does not; proven by the process being gone."""
        folder = self.folder(workload_id)
        process = search_process(folder.pid_file)
        boot = _boot_of(folder, process)
        if process is None:
            self._require_folder(workload_id)
        else:
            if not await self._power_down(folder, process, deadline.within(POWERDOWN_LIMIT_S)):
                log.warning("%s did not power off, ending it", workload_id)
            await self._kill(folder)
        folder.change(boot=None)
        _require_disk(folder)
        return VmProof(kind="vm", state="stopped", pid=process.pid if process else None, **_ended(boot))

    async def terminate(self, workload_id: str) -> VmProof:
        """Ends the process and deletes the files; proven by neither being there."""
        folder = self.folder(workload_id)
        process = search_process(folder.pid_file)
        boot = _boot_of(folder, process)
        await self._kill(folder)
        ended = _ended(boot)
        await asyncio.to_thread(shutil.rmtree, folder.path, ignore_errors=True)
        left = folder.count_files()
        if left:
            raise RuntimeFailure("files_left", f"{left} files of {workload_id} could not be deleted")
        return VmProof(kind="vm", state="gone", pid=process.pid if process else None, files_left=0, **ended)

    async def adopt(self, workload_id: str, deadline: Deadline) -> VmProof:
        """Proves the boot of a VM that was found running, after a restart of the agent."""
        folder = self._require_folder(workload_id)
        process = search_process(folder.pid_file)
        if process is None:
            raise RuntimeFailure("not_running", f"{workload_id} has no process")
        return await self._prove(folder, process, await self._adopt(folder), deadline)

    # --- steps ------------------------------------------------------------------------------------------------------

    def _require_hypervisor(self) -> Hypervisor:
        if self.hypervisor is None:
            raise RuntimeFailure("no_hypervisor", "this host cannot run guests")
        return self.hypervisor

    def _require_folder(self, workload_id: str) -> VmFolder:
        folder = self.folder(workload_id)
        if folder.read() is None:
            raise RuntimeFailure("workload_unknown", f"{workload_id} is not on this host")
        return folder

    async def _prepare(self, folder: VmFolder, spec: VmSpec) -> None:
        """The disk last: it says that all is there."""
        folder.path.mkdir(mode=0o700, exist_ok=True)
        known = folder.read()
        folder.write(known or VmRecord(id=folder.id, spec=spec))
        await write_seed(folder.seed, vm_id=folder.id, hostname=spec.hostname, keys=spec.ssh_public_keys)
        draft = folder.disk.with_suffix(".draft")
        with draft.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(spec.disk_gib << 30)
        options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0"
        argv = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "sharemtc-root", "-J", "size=16", "-E", options, str(draft)]
        await run_tool(argv, limit_s=60)
        draft.rename(folder.disk)

    async def _boot(self, folder: VmFolder, host: Hypervisor, deadline: Deadline, report: Report) -> VmProof:
        report(Phase.BOOTING)
        process, record = search_process(folder.pid_file), folder.read()
        if record is None:
            raise RuntimeFailure("workload_unknown", f"the record of {folder.id} cannot be read")
        if process is not None:
            port = await self._adopt(folder)
            boot = _proven(record.boot, process)
            if boot is not None:
                return _boot_proof(boot, port)  # proven once: what its renter did to it since is no matter
            return await self._prove(folder, process, port, deadline)
        _require_disk(folder)
        wanted = record.ssh_port or 0
        if wanted and not can_listen(host.listen_address, wanted):
            wanted = 0
        process, port = await self._launch(folder, host, record.spec, wanted)
        return await self._prove(folder, process, port, deadline)

    async def _launch(self, folder: VmFolder, host: Hypervisor, spec: VmSpec, port: int) -> tuple[Process, int]:
        """Starts QEMU and waits until it is up: only then does its monitor answer. Gives it with its SSH port."""
        folder.change(boot=None)
        for old in (folder.console_log, folder.pid_file):
            old.unlink(missing_ok=True)
        argv = machine_arguments(host, folder, spec, port)
        with monitor_socket(folder.path / SOCKET) as monitor:
            pid = start_process(argv, monitor=monitor, log=folder.qemu_log)
        try:
            process = await _wait_for_pid_file(pid, folder.pid_file)
            if process is not None:
                return process, await self._adopt(folder)
        except RuntimeFailure:
            log.warning("%s: QEMU ended before it was up", folder.id)
        await self._kill(folder)
        said = printable_tail(folder.qemu_log.read_bytes(), limit=500)
        if port and "hostfwd" in said.lower():
            return await self._launch(folder, host, spec, 0)  # the port was taken between the look and the start
        raise RuntimeFailure("launch_failed", f"QEMU did not start: {said or 'it said nothing'}")

    async def _adopt(self, folder: VmFolder) -> int:
        """Takes hold of a running QEMU by its monitor and learns its port."""
        async with open_monitor(folder.path) as monitor:
            port = await monitor.ssh_port()
        folder.change(ssh_port=port)
        return port

    async def _prove(
        self, folder: VmFolder, process: Process, port: int, deadline: Deadline, *, not_boot_id: str = ""
    ) -> VmProof:
        """Waits for the guest's SSH banner. With `not_boot_id`, one from that boot does not count."""
        address = local_address(self.hypervisor.listen_address if self.hypervisor else LOOPBACK)

        def check() -> None:
            if not is_alive(process):
                raise RuntimeFailure("guest_ended", f"the machine ended while it booted\n{self._log_tail(folder)}")

        found = await wait_for_banner(
            address, port, deadline, read_boot_id=lambda: self._boot_id(folder), check=check, not_boot_id=not_boot_id
        )
        if found is not None:
            banner, boot_id = found
            boot = Boot(
                pid=process.pid, start_ticks=process.start_ticks, boot_id=boot_id, ssh_banner=banner,
                proved_monotonic_ms=monotonic_ms(),
            )  # fmt: skip
            folder.change(boot=boot, ssh_port=port, delivered=True)
            return _boot_proof(boot, port)
        raise RuntimeFailure("boot_timeout", f"the guest did not answer by SSH in time\n{self._log_tail(folder)}")

    async def _boot_id(self, folder: VmFolder) -> str:
        """The boot id that the console tells, empty where it tells none; a QEMU that is ending tells none either."""
        try:
            async with open_monitor(folder.path) as monitor:
                return await monitor.drain_console(folder.console_log)
        except RuntimeFailure:
            return ""

    async def _power_down(self, folder: VmFolder, process: Process, deadline: Deadline) -> bool:
        """Presses the power button, again and again: a guest that still boots does not notice the first time."""
        while not deadline.passed:
            try:
                async with open_monitor(folder.path) as monitor:
                    await monitor.drain_console(folder.console_log)
                    await monitor.call("system_powerdown")
            except RuntimeFailure:
                return await wait_gone(process, deadline.within(1.0))
            if await wait_gone(process, deadline.within(POWERDOWN_REPEAT_S)):
                return True
        return False

    async def _kill(self, folder: VmFolder) -> None:
        """Ends the process if there is one: by its monitor, so that it flushes its disk, then by force."""
        process = search_process(folder.pid_file)
        if process is not None:
            try:
                async with open_monitor(folder.path) as monitor:
                    await monitor.quit()
            except RuntimeFailure:
                log.warning("%s: the monitor does not answer, killing it", folder.id)
            if not await wait_gone(process, Deadline.after(2.0)) and not await kill_process(
                process, Deadline.after(KILL_LIMIT_S)
            ):
                raise RuntimeFailure("process_left", f"process {process.pid} of {folder.id} does not end")
        for name in (folder.pid_file, folder.path / SOCKET):
            name.unlink(missing_ok=True)

    def _log_tail(self, folder: VmFolder) -> str:
        """The end of what QEMU and the guest's console said."""
        logs = (path.read_bytes() for path in (folder.qemu_log, folder.console_log) if path.exists())
        return printable_tail(b"\n".join(logs), limit=1200)


def _require_disk(folder: VmFolder) -> None:
    """Errors: `RuntimeFailure` `disk_lost`: what was on it cannot be had again, and nothing else may take its place."""
    if not folder.disk.exists():
        raise RuntimeFailure("disk_lost", f"the disk of {folder.id} is not there: it was deleted on the host")


def _proven(boot: Boot | None, process: Process) -> Boot | None:
    """The boot, if it is this process'."""
    return boot if boot is not None and (boot.pid, boot.start_ticks) == (process.pid, process.start_ticks) else None


def _boot_of(folder: VmFolder, process: Process | None) -> Boot | None:
    record = folder.read()
    return _proven(record.boot, process) if record is not None and process is not None else None


def _ended(boot: Boot | None) -> dict[str, Any]:
    """What a proof says of the boot that has just been ended; nothing if none ran."""
    return {} if boot is None else {"boot_id": boot.id, "uptime_ms": boot.uptime_ms()}


def _boot_proof(boot: Boot, port: int) -> VmProof:
    return VmProof(kind="vm", state="running", ssh_port=port, ssh_banner=boot.ssh_banner, boot_id=boot.id, pid=boot.pid)


async def _wait_for_pid_file(pid: int, pid_file: Path) -> Process | None:
    """The process once it has written its pid file, None if it ended or does not write it."""
    deadline = Deadline.after(KILL_LIMIT_S)
    while not deadline.passed and Path(f"/proc/{pid}").exists():
        process = find_process(pid_file)
        if process is not None:
            return process
        reap(pid)  # else one that ended stays in /proc
        await asyncio.sleep(_POLL_S)
    return None
