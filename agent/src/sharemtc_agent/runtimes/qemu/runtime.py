"""Virtual machines as QEMU processes, each with a folder of its own.

`runtimes.runtime` documents the operations.
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
    """The VMs in `folder`. Without a hypervisor it can still stop and delete them."""

    kind = WorkloadKind.VM

    def __init__(self, folder: Path, hypervisor: Hypervisor | None = None) -> None:
        self._folder = folder
        self.hypervisor = hypervisor
        self._seen_running: dict[str, VmRecord] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def probe(self, state: Path, listen_address: str, *, afresh: bool = False) -> ProbeResult:
        self.hypervisor, note = await probe_hypervisor(state, listen_address, afresh=afresh)
        if self.hypervisor is None:
            return ProbeResult(note)
        return ProbeResult(note, self.hypervisor.accelerator, (self.hypervisor.image.name,))

    def folder(self, workload_id: str) -> VmFolder:
        return VmFolder(self._folder / workload_id)

    def folder_of(self, workload_id: str) -> Path | None:
        path = self.folder(workload_id).path
        return path if path.exists() else None

    def workload_ids(self) -> tuple[str, ...]:
        """A VM has files, or a process that outlived them."""
        return tuple(sorted({*self._folder_ids(), *self.processes()}))

    def running_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.processes()))

    def processes(self) -> dict[str, Process]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it may have been deleted
        return find_guests(self._folder)

    def is_running(self, workload_id: str) -> bool:
        return search_process(self.folder(workload_id).pid_file) is not None

    def inspect(self) -> tuple[WorkloadStatus, ...]:
        processes = self.processes()
        records = {each: self._keep_record(each, process) for each, process in processes.items()}
        for ended in self._seen_running.keys() - processes.keys():
            del self._seen_running[ended]
        known = sorted({*self._folder_ids(), *processes})
        return tuple(_seen(each, processes.get(each), records.get(each)) for each in known)

    def is_startable(self, workload_id: str) -> bool:
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
        """Ignores anything else in the folder, such as `lost+found`."""
        return [path.name for path in self._folder.iterdir() if is_vm_id(path.name) and path.is_dir()]

    def _keep_record(self, workload_id: str, process: Process) -> VmRecord | None:
        """Remembers the record of a running VM, restores it if its files were deleted, and returns it if readable.

        The VM runs on until it is stopped, from a disk that is already unlinked.
        """
        folder = self.folder(workload_id)
        record, known = folder.read(), self._seen_running.get(workload_id)
        if record is not None:
            self._seen_running[workload_id] = record
        elif known is not None and not folder.record_file.exists():
            log.error("files of %s were deleted while it is running: its disk is lost when it stops", workload_id)
            folder.write(known)
            folder.pid_file.write_text(f"{process.pid}\n")
            return known
        return record

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
        host = self._require_hypervisor()
        folder = self._require_folder(workload_id)
        try:
            return await self._boot(folder, host, deadline, report)
        except Exception:
            await self._kill(folder)
            raise

    async def restart(self, workload_id: str, deadline: Deadline, report: Report) -> VmProof:
        """Powers the VM off, so that it flushes its disk, and boots it again; resets it if it does not power off."""
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
        folder = self._require_folder(workload_id)
        process = search_process(folder.pid_file)
        if process is None:
            raise RuntimeFailure("not_running", f"{workload_id} has no process")
        return await self._prove(folder, process, await self._adopt(folder), deadline)

    # --- steps ------------------------------------------------------------------------------------------------------

    def _require_hypervisor(self) -> Hypervisor:
        if self.hypervisor is None:
            raise RuntimeFailure("no_hypervisor", "this host cannot run VMs")
        return self.hypervisor

    def _require_folder(self, workload_id: str) -> VmFolder:
        folder = self.folder(workload_id)
        if folder.read() is None:
            raise RuntimeFailure("workload_unknown", f"{workload_id} is not on this host")
        return folder

    async def _prepare(self, folder: VmFolder, spec: VmSpec) -> None:
        """The disk is created last: its existence marks a complete folder."""
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
                return _boot_proof(boot, port)  # proven once; later changes by its renter do not matter
            return await self._prove(folder, process, port, deadline)
        _require_disk(folder)
        wanted = record.ssh_port or 0
        if wanted and not can_listen(host.listen_address, wanted):
            wanted = 0
        process, port = await self._launch(folder, host, record.spec, wanted)
        return await self._prove(folder, process, port, deadline)

    async def _launch(self, folder: VmFolder, host: Hypervisor, spec: VmSpec, port: int) -> tuple[Process, int]:
        """Starts QEMU and waits for its monitor. Returns the process and the SSH port."""
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
        output = printable_tail(folder.qemu_log.read_bytes(), limit=500)
        if port and "hostfwd" in output.lower():
            return await self._launch(folder, host, spec, 0)  # the port was taken after the check
        raise RuntimeFailure("launch_failed", f"QEMU did not start: {output or 'no output'}")

    async def _adopt(self, folder: VmFolder) -> int:
        async with open_monitor(folder.path) as monitor:
            port = await monitor.ssh_port()
        folder.change(ssh_port=port)
        return port

    async def _prove(
        self, folder: VmFolder, process: Process, port: int, deadline: Deadline, *, not_boot_id: str = ""
    ) -> VmProof:
        """Waits for the guest's SSH banner. A banner from the boot `not_boot_id` does not count."""
        address = local_address(self.hypervisor.listen_address if self.hypervisor else LOOPBACK)

        def check() -> None:
            if not is_alive(process):
                raise RuntimeFailure("guest_ended", f"the VM ended during its boot\n{self._log_tail(folder)}")

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
        """The boot id from the console, empty if there is none or QEMU is ending."""
        try:
            async with open_monitor(folder.path) as monitor:
                return await monitor.drain_console(folder.console_log)
        except RuntimeFailure:
            return ""

    async def _power_down(self, folder: VmFolder, process: Process, deadline: Deadline) -> bool:
        """Presses the power button repeatedly: a guest that still boots ignores the first presses."""
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
        """Ends the process, if any: by its monitor, which flushes the disk, then by SIGKILL."""
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
        logs = (path.read_bytes() for path in (folder.qemu_log, folder.console_log) if path.exists())
        return printable_tail(b"\n".join(logs), limit=1200)


def _require_disk(folder: VmFolder) -> None:
    """Errors: `RuntimeFailure` `disk_lost`: the renter's data is gone, and an empty disk must not replace it."""
    if not folder.disk.exists():
        raise RuntimeFailure("disk_lost", f"the disk of {folder.id} is missing: it was deleted on the host")


def _seen(workload_id: str, process: Process | None, record: VmRecord | None) -> WorkloadStatus:
    if process is None:
        return WorkloadStatus(workload_id, WorkloadState.STOPPED)
    port, boot = (record.ssh_port, _proven(record.boot, process)) if record else (None, None)
    if boot is None:
        return WorkloadStatus(workload_id, WorkloadState.BOOTING, port)
    return WorkloadStatus(workload_id, WorkloadState.RUNNING, port, boot.id, boot.uptime_ms())


def _proven(boot: Boot | None, process: Process) -> Boot | None:
    return boot if boot is not None and (boot.pid, boot.start_ticks) == (process.pid, process.start_ticks) else None


def _boot_of(folder: VmFolder, process: Process | None) -> Boot | None:
    record = folder.read()
    return _proven(record.boot, process) if record is not None and process is not None else None


def _ended(boot: Boot | None) -> dict[str, Any]:
    """Proof fields of the boot that just ended; empty if none ran."""
    return {} if boot is None else {"boot_id": boot.id, "uptime_ms": boot.uptime_ms()}


def _boot_proof(boot: Boot, port: int) -> VmProof:
    return VmProof(kind="vm", state="running", ssh_port=port, ssh_banner=boot.ssh_banner, boot_id=boot.id, pid=boot.pid)


async def _wait_for_pid_file(pid: int, pid_file: Path) -> Process | None:
    deadline = Deadline.after(KILL_LIMIT_S)
    while not deadline.passed and Path(f"/proc/{pid}").exists():
        process = find_process(pid_file)
        if process is not None:
            return process
        reap(pid)  # an ended child would stay in /proc
        await asyncio.sleep(_POLL_S)
    return None
