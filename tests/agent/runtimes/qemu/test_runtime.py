"""Rules and failures of the QEMU runtime."""

import asyncio
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.agent.agents import VM_ID, Renter

from sharemtc.wire import Phase, VmSpec
from sharemtc_agent.ports import listen_address
from sharemtc_agent.runtimes.deadline import Deadline
from sharemtc_agent.runtimes.qemu.banner import read_banner, wait_for_banner
from sharemtc_agent.runtimes.qemu.images import ensure_tiny
from sharemtc_agent.runtimes.qemu.machine import Hypervisor, machine_arguments
from sharemtc_agent.runtimes.qemu.processes import find_process, monitor_socket, short_path
from sharemtc_agent.runtimes.qemu.records import VmFolder, VmRecord
from sharemtc_agent.runtimes.qemu.runtime import QemuRuntime
from sharemtc_agent.runtimes.qemu.specs import check_spec
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import printable_tail

SPEC = VmSpec(kind="vm", name="a", hostname="a", image="tiny", vcpus=1, memory_mib=128, disk_gib=1, ssh_public_keys=())


def ignore(_: Phase) -> None:
    pass


def greet(*lines: bytes) -> str | None:
    """The banner read from a server that sends `lines`."""

    async def run() -> str | None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.writelines(lines)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            return await read_banner("127.0.0.1", server.sockets[0].getsockname()[1], limit_s=5)

    return asyncio.run(run())


class TestReadBanner:
    def test_ssh_greeting(self) -> None:
        assert greet(b"SSH-2.0-dropbear_2022.83\r\n", b"\0\1binary") == "SSH-2.0-dropbear_2022.83"

    @pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"SSH-2.0-cut", b"SSH-" + b"x" * 400 + b"\n"])
    def test_anything_else_is_no_proof(self, said: bytes) -> None:
        assert greet(said) is None

    def test_nobody_there(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            assert asyncio.run(read_banner("127.0.0.1", closed.getsockname()[1], limit_s=1)) is None


class TestWaitForBanner:
    def wait(self, answers: list[bytes], boot_ids: list[str]) -> tuple[tuple[str, str] | None, int]:
        """What is found at a server that gives these answers in turn, the last for good; and its connections."""
        connections = 0

        async def read_boot_id() -> str:
            return boot_ids.pop(0) if len(boot_ids) > 1 else boot_ids[0]

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            writer.write(answers.pop(0) if len(answers) > 1 else answers[0])
            await writer.drain()
            writer.close()

        async def run() -> tuple[str, str] | None:
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with server:
                port = server.sockets[0].getsockname()[1]
                return await wait_for_banner(
                    "127.0.0.1", port, Deadline.after(30), read_boot_id=read_boot_id, check=lambda: None
                )

        return asyncio.run(run()), connections

    def test_nothing_is_tried_before_the_console_says_that_the_guest_is_up(self) -> None:
        assert self.wait([b"SSH-2.0-x\r\n"], ["", "", "", "b00t"]) == (("SSH-2.0-x", "b00t"), 1)

    def test_after_a_failure_one_answer_is_not_enough(self) -> None:
        """The server may have closed the connection because of those that were given up: it must answer twice."""
        answers = [b"", b"SSH-2.0-x\r\n", b"", b"SSH-2.0-x\r\n"]
        assert self.wait(answers, ["b00t"]) == (("SSH-2.0-x", "b00t"), 5)


class TestProcesses:
    def test_a_reused_pid_is_not_taken_for_the_guest(self, tmp_path: Path) -> None:
        pid_file = tmp_path / "qemu.pid"
        pid_file.write_text(str(os.getpid()))
        assert find_process(pid_file) is None
        program = "import sys; print(flush=True); sys.stdin.read()"
        for named, found in ((tmp_path / "other.pid", False), (pid_file, True)):
            argv = [sys.executable, "-c", program, "-pidfile", str(named)]
            with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                process.stdout.readline()
                pid_file.write_text(str(process.pid))
                assert (find_process(pid_file) is not None) is found
                process.kill()

    def test_socket_paths_may_be_long(self, tmp_path: Path) -> None:
        folder = tmp_path / ("d" * 200)
        folder.mkdir()
        with monitor_socket(folder / "qmp.sock"), socket.socket(socket.AF_UNIX) as client:
            with short_path(folder / "qmp.sock") as name:
                client.connect(name)
            assert client.getpeername().endswith("qmp.sock")


class TestTail:
    def test_keeps_the_end_and_drops_controls(self) -> None:
        assert printable_tail(b"a" * 50 + b"\x1b[31mred\0\r\nend\n", limit=12) == "[31mred\nend"


@pytest.mark.slow
class TestSpec:
    @pytest.mark.parametrize(
        ("field", "value"), [("image", "debian"), ("vcpus", 0), ("memory_mib", 16), ("disk_gib", 0)]
    )
    def test_refused_by_field(self, hypervisor: Hypervisor, field: str, value: object) -> None:
        with pytest.raises(RuntimeFailure, match=field):
            check_spec(SPEC.model_copy(update={field: value}), hypervisor)

    def test_a_comma_in_a_path_adds_no_option(self, hypervisor: Hypervisor, tmp_path: Path) -> None:
        folder = VmFolder(tmp_path / "a,readonly=off" / VM_ID)
        drive = next(each for each in machine_arguments(hypervisor, folder, SPEC, 0) if "id=disk" in each)
        assert "a,,readonly=off" in drive


@pytest.mark.slow
class TestFailures:
    """Nothing is left of a VM whose creation failed."""

    def test_qemu_that_does_not_start(self, hypervisor: Hypervisor, tmp_path: Path) -> None:
        runtime = QemuRuntime(tmp_path / "vms", replace(hypervisor, listen_address="192.0.2.1"))
        spec = Renter(tmp_path).spec()
        with pytest.raises(RuntimeFailure) as caught:
            asyncio.run(runtime.create(VM_ID, spec, Deadline.after(60), ignore))
        assert caught.value.code == "launch_failed"
        assert "192.0.2.1" in caught.value.detail
        assert runtime.workload_ids() == ()

    def test_behind_a_nat_a_guest_is_proven_from_inside(self, hypervisor: Hypervisor, tmp_path: Path) -> None:
        everywhere = replace(hypervisor, listen_address=listen_address("203.0.113.7"))
        assert everywhere.listen_address == "0.0.0.0"
        runtime = QemuRuntime(tmp_path / "vms", everywhere)
        proof = asyncio.run(runtime.create(VM_ID, Renter(tmp_path).spec(), Deadline.after(120), ignore))
        assert proof.ssh_banner.startswith("SSH-2.0-")
        asyncio.run(runtime.terminate(VM_ID))

    def test_port_taken_meanwhile_gives_another(
        self, hypervisor: Hypervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The check finds the port free, but QEMU does not: it is restarted on another."""
        monkeypatch.setattr("sharemtc_agent.runtimes.qemu.runtime.can_listen", lambda *_: True)
        runtime = QemuRuntime(tmp_path / "vms", hypervisor)
        ports: list[int | None] = []
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            taken = holder.getsockname()[1]
            folder = runtime.folder(VM_ID)
            folder.path.mkdir()
            folder.write(VmRecord(id=VM_ID, spec=Renter(tmp_path).spec(), ssh_port=taken))

            async def run() -> None:
                task = asyncio.create_task(
                    runtime.create(VM_ID, folder.read().spec, Deadline.after(60), ignore)  # type: ignore[union-attr]
                )
                async with asyncio.timeout(30):
                    while runtime.inspect()[0].ssh_port in {None, taken}:
                        await asyncio.sleep(0.02)
                ports.append(runtime.inspect()[0].ssh_port)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await runtime.terminate(VM_ID)

            asyncio.run(run())
        assert ports[0] not in {None, taken}
        assert runtime.workload_ids() == ()

    def test_guest_that_does_not_answer_in_time(self, hypervisor: Hypervisor, tmp_path: Path) -> None:
        runtime = QemuRuntime(tmp_path / "vms", hypervisor)
        spec = Renter(tmp_path).spec()
        phases: list[Phase] = []
        with pytest.raises(RuntimeFailure) as caught:
            asyncio.run(runtime.create(VM_ID, spec, Deadline.after(1.0), phases.append))
        assert caught.value.code == "boot_timeout"
        assert phases == [Phase.PREPARING, Phase.BOOTING]
        assert runtime.workload_ids() == ()

    def test_key_with_a_second_line(self, hypervisor: Hypervisor, tmp_path: Path) -> None:
        runtime = QemuRuntime(tmp_path / "vms", hypervisor)
        spec = SPEC.model_copy(update={"ssh_public_keys": ("ssh-ed25519 AAAA\nssh-ed25519 BBBB",)})
        with pytest.raises(RuntimeFailure) as caught:
            asyncio.run(runtime.create(VM_ID, spec, Deadline.after(60), ignore))
        assert caught.value.code == "ssh_key_refused"
        assert runtime.workload_ids() == ()


class TestImage:
    @pytest.mark.slow
    def test_is_built_once_per_set_of_inputs(self, tmp_path: Path) -> None:
        first = asyncio.run(ensure_tiny(tmp_path))
        built = first.initrd.stat().st_mtime_ns
        assert asyncio.run(ensure_tiny(tmp_path)) == first
        assert first.initrd.stat().st_mtime_ns == built
        first.initrd.unlink()
        (tmp_path / "an-old-one").mkdir()
        assert asyncio.run(ensure_tiny(tmp_path)).initrd.stat().st_size > 1_000_000
        assert [path.name for path in tmp_path.iterdir()] == [first.digest]
