"""Finding QEMU processes among all others, also after their files were deleted."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.agents import VM_ID
from tests.agent.workloads.test_executor import SPEC, generation, make_command, make_vm, submit, with_executor

from sharemtc.wire import Verb, WorkloadState
from sharemtc_agent.client import Client
from sharemtc_agent.config import State
from sharemtc_agent.database import Database
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.runtimes.deadline import Deadline
from sharemtc_agent.runtimes.qemu.processes import (
    Process,
    find_guests,
    find_process,
    is_alive,
    option,
    parse_stat,
    start_process,
)
from sharemtc_agent.runtimes.qemu.records import Boot, VmRecord
from sharemtc_agent.runtimes.qemu.runtime import QemuRuntime
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import run_tool
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.uninstall import WorkloadsLeft, uninstall
from sharemtc_agent.workloads.executor import Executor
from sharemtc_agent.workloads.service import Workloads

OTHER_ID = "vm_01ARZ3NDEKTSV4RRFFQ69G5FAW"
WAITS = "import sys; print(flush=True); sys.stdin.read()"
NAMED = f"import sys; open('/proc/self/comm', 'wb').write(bytes.fromhex(sys.argv[1])); {WAITS}"


@contextmanager
def process(*arguments: str, program: str = WAITS) -> Iterator[subprocess.Popen[bytes]]:
    """A started process with these arguments; it is killed afterwards."""
    argv = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            started.stdout.readline()
            yield started
        finally:
            started.kill()


def guest(vms: Path, vm_id: str = VM_ID) -> tuple[str, ...]:
    """The arguments that identify a VM's QEMU."""
    return ("-name", f"guest={vm_id}", "-pidfile", str(vms / vm_id / "qemu.pid"))


class TestParseStat:
    @given(st.binary(max_size=15), st.sampled_from([b"R", b"S", b"Z"]), st.integers(0, 2**62))
    def test_reads_behind_any_name(self, name: bytes, state: bytes, start: int) -> None:
        before = b" ".join(b"%d" % number for number in range(18))
        raw = b"4242 (" + name + b") " + state + b" " + before + b" %d 7 8 9\n" % start
        assert parse_stat(raw) == (state, start)

    @given(st.binary(max_size=200))
    def test_anything_else_is_no_stat(self, raw: bytes) -> None:
        try:
            state, start = parse_stat(raw)
        except ValueError:
            return
        assert (len(state), start >= -(2**63)) == (1, True)

    @given(st.lists(st.binary(max_size=5), max_size=5), st.binary(max_size=5))
    def test_an_option_is_what_follows_its_name(self, argv: list[bytes], name: bytes) -> None:
        assert option(argv, name) in (argv[1:] or [b""]) + [b""]


class TestOddNames:
    @pytest.mark.parametrize("name", [b"abcdefghijklmn\xc3", b") Z 1 2 3", b"\xff\xfe(\n"])
    def test_a_vm_is_ended_and_its_files_go_whatever_others_are_called(self, tmp_path: Path, name: bytes) -> None:
        runtime = make_vm(tmp_path, 1)
        with process(name.hex(), program=NAMED), process(*guest(tmp_path / "vms")) as qemu:
            assert VM_ID in runtime.running_ids()
            assert submit(tmp_path, runtime, make_command(1, Verb.TERMINATE, 2)) == ["gone"]
            assert qemu.wait(timeout=10) == -signal.SIGKILL
        assert runtime.workload_ids() == ()

    def test_a_guest_may_be_called_anything_itself(self, tmp_path: Path) -> None:
        vms = tmp_path / "vms"
        (vms / VM_ID).mkdir(parents=True)
        with process(b"\xc3) Z \xff".hex(), *guest(vms), program=NAMED) as qemu:
            assert find_guests(vms)[VM_ID].pid == qemu.pid

    def test_a_failed_start_ends_the_process_whatever_failed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(*_: object) -> None:
            raise UnicodeDecodeError("utf-8", b"\xc3", 0, 1, "unexpected end of data")

        runtime = make_vm(tmp_path, 1)
        runtime.hypervisor = object()  # type: ignore[assignment]
        monkeypatch.setattr(runtime, "_adopt", breaks)
        with process(*guest(tmp_path / "vms")) as qemu:
            with pytest.raises(UnicodeDecodeError):
                asyncio.run(runtime.start(VM_ID, Deadline.after(30), lambda _: None))
            assert qemu.wait(timeout=10) == -signal.SIGKILL


class TestDeletedFiles:
    def test_a_guest_whose_folder_was_deleted_is_still_reported_as_it_was(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 7)
        with process(*guest(tmp_path / "vms")) as qemu:
            running = find_guests(tmp_path / "vms")[VM_ID]
            boot = Boot(pid=qemu.pid, start_ticks=running.start_ticks, boot_id="b", ssh_banner="SSH-2.0-x")
            runtime.folder(VM_ID).change(boot=boot, ssh_port=2222)
            (before,) = runtime.inspect()
            shutil.rmtree(tmp_path / "vms")
            assert runtime.inspect() == (before,)
            assert before.state is WorkloadState.RUNNING
            assert generation(tmp_path) == 7

    def test_one_that_a_new_agent_finds_without_files_is_reported_too(self, tmp_path: Path) -> None:
        with process(*guest(tmp_path / "vms")):
            (seen,) = QemuRuntime(tmp_path / "vms").inspect()
        assert (seen.id, seen.state, generation(tmp_path)) == (VM_ID, WorkloadState.BOOTING, 0)

    @pytest.mark.parametrize("forgotten", [False, True])
    def test_it_is_gone_only_when_its_process_is(self, tmp_path: Path, *, forgotten: bool) -> None:
        runtime = make_vm(tmp_path, 1)
        with process(*guest(tmp_path / "vms")) as qemu:
            runtime.inspect()
            shutil.rmtree(tmp_path / "vms")
            runtime = QemuRuntime(tmp_path / "vms", None) if forgotten else runtime
            assert submit(tmp_path, runtime, make_command(1, Verb.TERMINATE, 2)) == ["gone"]
            assert qemu.wait(timeout=10) == -signal.SIGKILL
        assert runtime.inspect() == ()

    @pytest.mark.parametrize("forgotten", [False, True])
    def test_its_stop_ends_it_and_says_that_its_disk_is_lost(self, tmp_path: Path, *, forgotten: bool) -> None:
        runtime = make_vm(tmp_path, 1)
        with process(*guest(tmp_path / "vms")) as qemu:
            runtime.inspect()
            shutil.rmtree(tmp_path / "vms")
            runtime = QemuRuntime(tmp_path / "vms", None) if forgotten else runtime
            assert submit(tmp_path, runtime, make_command(1, Verb.STOP, 2)) == ["disk_lost"]
            assert qemu.wait(timeout=10) == -signal.SIGKILL

    def test_its_unpaid_end_needs_no_files(self, tmp_path: Path) -> None:
        runtime = QemuRuntime(tmp_path / "vms", None)
        with process(*guest(tmp_path / "vms")) as qemu:

            async def work(executor: Executor) -> None:
                executor.stop_unpaid(VM_ID)

            with_executor(tmp_path, runtime, work)
            assert qemu.wait(timeout=10) == -signal.SIGKILL

    def test_stopped_is_not_said_of_what_has_no_disk(self, tmp_path: Path) -> None:
        make_vm(tmp_path, 1).folder(VM_ID).disk.unlink()
        state = State(tmp_path)

        async def look() -> None:
            with closing(Database(state.database_file)) as database:
                client = Client("http://127.0.0.1:9", ensure_key(tmp_path / "key"), Sequence(database), host_id="h")
                workloads = Workloads(state, client, database)
                assert workloads.workloads() == ()
                await asyncio.gather(*workloads._executor._tasks)
                await workloads.close()
                await client.close()

        asyncio.run(look())
        assert not (state.vms / VM_ID).exists()

    def test_a_start_without_its_disk_makes_no_other(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        runtime.folder(VM_ID).disk.unlink()
        runtime.folder(VM_ID).change(delivered=True)
        runtime.hypervisor = object()  # type: ignore[assignment]
        with pytest.raises(RuntimeFailure, match="disk_lost"):
            asyncio.run(runtime.start(VM_ID, Deadline.after(5), lambda _: None))
        assert not runtime.is_startable(VM_ID)

    def test_no_uninstall_leaves_a_guest_behind(self, tmp_path: Path) -> None:
        with process(*guest(tmp_path / "vms")), pytest.raises(WorkloadsLeft, match=VM_ID):
            uninstall(State(tmp_path), offline=True, receipt_file=None)


class TestWhatIsNotOurs:
    @pytest.mark.parametrize(
        "arguments",
        [
            lambda vms: ("-pidfile", str(vms / VM_ID / "qemu.pid")),
            lambda vms: ("-name", f"guest={OTHER_ID}", "-pidfile", str(vms / VM_ID / "qemu.pid")),
            lambda vms: ("-name", f"guest={VM_ID}", "-pidfile", str(vms / "elsewhere" / VM_ID / "qemu.pid")),
            lambda vms: ("-name", f"guest={VM_ID}", "-pidfile"),
            lambda vms: (*guest(vms.parent / "other"),),
        ],
    )
    def test_what_only_looks_alike_is_neither_reported_nor_killed(
        self, tmp_path: Path, arguments: Callable[[Path], tuple[str, ...]]
    ) -> None:
        runtime = make_vm(tmp_path, 1)
        with process(*arguments(tmp_path / "vms")) as other:
            assert runtime.processes() == {}
            assert submit(tmp_path, runtime, make_command(1, Verb.TERMINATE, 2)) == ["gone"]
            assert other.poll() is None

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a root directory of its own")
    def test_a_guest_of_an_agent_in_a_container_is_not_ours(self, tmp_path: Path) -> None:
        """It has the same paths below another root."""
        vms = tmp_path / "vms"
        (vms / VM_ID).mkdir(parents=True)
        (tmp_path / "root" / vms.relative_to("/")).mkdir(parents=True)
        program = f"import os; os.chroot({str(tmp_path / 'root')!r}); {WAITS}"
        with process(*guest(vms), program=program) as other:
            assert find_guests(vms) == {}
            assert submit(tmp_path, QemuRuntime(vms, None), make_command(1, Verb.TERMINATE, 2)) == ["gone"]
            assert other.poll() is None

    def test_what_else_lies_in_the_folder_is_no_vm(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        (tmp_path / "vms" / "lost+found").mkdir()
        assert [each.id for each in runtime.inspect()] == [VM_ID]


def _is_zombie(pid_file: Path) -> bool:
    return pid_file.exists() and b") Z" in Path(f"/proc/{int(pid_file.read_text())}/stat").read_bytes()


class TestChildren:
    def test_no_tool_loses_its_exit_status(self, tmp_path: Path) -> None:
        """VMs are searched while the exit status of an ended tool is still pending."""
        pid_file, fifo = tmp_path / "qemu.pid", tmp_path / "fifo"
        os.mkfifo(fifo)
        # what it leaves behind keeps its output open, so that whoever runs it goes on reading
        script = f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; read x < {fifo} & exit 7"

        async def run() -> str:
            tool = asyncio.create_task(run_tool(["sh", "-c", script], limit_s=60))
            while not _is_zombie(pid_file):
                await asyncio.sleep(0)
            find_guests(tmp_path)
            assert find_process(pid_file) is None
            fifo.write_text("go on\n")
            with pytest.raises(RuntimeFailure) as caught:
                await tool
            return caught.value.detail

        assert asyncio.run(run()) == "sh failed with exit code 7: "

    def test_a_process_counts_as_gone_when_its_status_was_taken(self, tmp_path: Path) -> None:
        """It may end before, between or after the checks."""
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as monitor:
                pid = start_process(["/bin/true"], monitor=monitor, log=tmp_path / "log")
            try:
                _, start_ticks = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
            except OSError:
                continue
            while is_alive(Process(pid, start_ticks)):
                pass
            assert not Path(f"/proc/{pid}").exists()

    def test_what_this_agent_started_leaves_the_table(self, tmp_path: Path) -> None:
        (tmp_path / VM_ID).mkdir()
        with socket.socket(socket.AF_UNIX) as monitor:
            pid = start_process(["/bin/true"], monitor=monitor, log=tmp_path / "log")
        while Path(f"/proc/{pid}").exists():
            find_guests(tmp_path)
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_a_record_outlives_a_partly_deleted_folder(tmp_path: Path) -> None:
    runtime = make_vm(tmp_path, 3)
    with process(*guest(tmp_path / "vms")):
        runtime.inspect()
        runtime.folder(VM_ID).record_file.unlink()
        runtime.inspect()
        assert runtime.folder(VM_ID).read() == VmRecord(id=VM_ID, spec=SPEC)
        assert runtime.is_startable(VM_ID)
