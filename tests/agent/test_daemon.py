"""The agent as a process, with a control plane over HTTP, real VMs, and failures of either."""

import os
import shutil
import signal
import threading
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from tests.agent.agents import VM_ID, Agent, Renter
from tests.agent.control_plane import HOST_ID, ControlPlane

from sharemtc.wire import WorkloadState
from sharemtc_agent.runtimes.qemu.processes import find_process
from sharemtc_agent.runtimes.qemu.records import VmFolder

pytestmark = pytest.mark.slow


def qemus_of(state: Path) -> list[int]:
    """Every QEMU with a path of this state directory in its arguments, except the agent's boot tests."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            argv = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if entry.name.isdigit() and b"guest=" in argv and os.fsencode(state) in argv:
            found.append(int(entry.name))
    return found


def test_a_machine_lives_its_life(tmp_path: Path, prepared_state: Path) -> None:
    renter = Renter(tmp_path)
    with ControlPlane() as plane, Agent(tmp_path / ("s" * 90), prepared_state) as agent:
        agent.enroll(plane)
        agent.start()
        create = plane.order(VM_ID, "create", 1, renter.spec())
        made = plane.result(create).proof
        assert made is not None, plane.results[create]
        assert made.ssh_banner.startswith("SSH-2.0-")
        assert plane.phases[create] == ["preparing", "booting"]
        assert renter.ssh(made.ssh_port, "hostname; cat /proc/sys/kernel/random/boot_id").split() == [
            "web-1",
            made.boot_id,
        ]
        again = plane.result(plane.order(VM_ID, "create", 1, renter.spec())).proof
        assert again == made
        size_kib = int(renter.ssh(made.ssh_port, "df -k / | tail -1 | awk '{print $2}'"))
        assert 1.8 * 2**20 < size_kib <= 2 * 2**20
        assert_guest_cannot_reach_host(renter, made.ssh_port)
        renter.ssh(made.ssh_port, "echo mine > /root/file; sync")

        stopped = plane.result(plane.order(VM_ID, "stop", 2)).proof
        assert stopped is not None
        assert stopped.state == "stopped"
        assert not Path(f"/proc/{stopped.pid}").exists()
        plane.wait(lambda: (seen := plane.seen(VM_ID)) is not None and seen.state == "stopped", "stopped")

        stale = plane.result(plane.order(VM_ID, "start", 1)).failure
        assert stale is not None
        assert stale.code == "stale_generation"

        started = plane.result(plane.order(VM_ID, "start", 3)).proof
        assert started is not None
        assert started.ssh_port == made.ssh_port
        assert started.boot_id != made.boot_id
        assert renter.ssh(started.ssh_port, "cat /root/file") == "mine"

        renter.ssh(started.ssh_port, "echo just now > /root/recent")
        rebooted = plane.result(plane.order(VM_ID, "reboot", 4)).proof
        assert rebooted is not None
        assert rebooted.ssh_port == started.ssh_port
        assert renter.ssh(rebooted.ssh_port, "cat /root/recent") == "just now", "what was not synced yet is kept"
        assert rebooted.boot_id not in {"", started.boot_id}
        assert renter.ssh(rebooted.ssh_port, "cat /proc/sys/kernel/random/boot_id") == rebooted.boot_id

        gone = plane.result(plane.order(VM_ID, "terminate", 5)).proof
        assert gone is not None
        assert (gone.state, gone.files_left) == ("gone", 0)
        assert qemus_of(agent.state) == []
        assert list((agent.state / "vms").iterdir()) == []
        plane.wait(lambda: plane.seen(VM_ID) is None, "absence")
        late = plane.result(plane.order(VM_ID, "create", 4, renter.spec())).failure
        assert late is not None
        assert late.code == "stale_generation"
        assert agent.end() == 0


def assert_guest_cannot_reach_host(renter: Renter, port: int | None) -> None:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        said = renter.ssh(port, f"wget -T 3 -q -O - http://10.0.2.2:{service.server_port}/ && echo read || echo shut")
        service.shutdown()
    assert said == "shut"


def test_machines_outlive_the_agent_and_are_adopted(tmp_path: Path, prepared_state: Path) -> None:
    renter = Renter(tmp_path)
    with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
        agent.enroll(plane)
        agent.start()
        folder = VmFolder(agent.state / "vms" / VM_ID)
        create = plane.order(VM_ID, "create", 1, renter.spec())
        plane.wait(lambda: find_process(folder.pid_file) is not None, "the guest's process")
        agent.kill()
        process = find_process(folder.pid_file)
        assert process is not None
        agent.start()
        made = plane.result(create).proof
        assert made is not None, plane.results[create]
        assert made.pid == process.pid
        assert renter.ssh(made.ssh_port, "cat /proc/sys/kernel/random/boot_id") == made.boot_id

        assert agent.end() == 0
        assert find_process(folder.pid_file) == process
        plane.heartbeats.clear()
        agent.start()
        plane.wait(lambda: plane.seen(VM_ID) is not None, "a heartbeat")
        seen = plane.seen(VM_ID)
        assert seen is not None
        assert (seen.state, seen.boot_id, seen.ssh_port) == (WorkloadState.RUNNING, made.boot_id, made.ssh_port)

        os.kill(process.pid, signal.SIGKILL)
        plane.wait(lambda: (seen := plane.seen(VM_ID)) is not None and seen.state == "stopped", "stopped")
        back = plane.result(plane.order(VM_ID, "start", 2)).proof
        assert back is not None
        assert back.pid != process.pid

        plane.paid_for_s = 2
        beats = len(plane.heartbeats)
        plane.wait(lambda: len(plane.heartbeats) > beats + 1, "a heartbeat that says until when it is paid")
        assert find_process(folder.pid_file) is not None
        plane.close()
        plane.wait(lambda: find_process(folder.pid_file) is None, "the end of an unpaid machine", 60)
        assert folder.disk.exists()
        plane.open()
        plane.wait(lambda: (seen := plane.seen(VM_ID)) is not None and seen.state == "stopped", "stopped")
        plane.paid_for_s = 600
        assert plane.result(plane.order(VM_ID, "start", 3)).proof is not None
        plane.unknown = (VM_ID,)
        plane.wait(lambda: not folder.path.exists(), "the setting aside of a machine that the platform lost", 60)
        assert qemus_of(agent.state) == []
        (aside,) = (agent.state / "set-aside").iterdir()
        assert (aside / "disk.raw").exists()
        plane.unknown = ()
        aside.rename(folder.path)
        back = plane.result(plane.order(VM_ID, "start", 4)).proof
        assert back is not None
        assert renter.ssh(back.ssh_port, "hostname") == "web-1"
        plane.orphans = (VM_ID,)
        plane.wait(lambda: not folder.path.exists(), "the removal of a machine that nobody pays for", 60)


def test_a_guest_whose_files_were_deleted_is_reported_until_it_is_ended(tmp_path: Path, prepared_state: Path) -> None:
    renter = Renter(tmp_path)
    with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
        agent.enroll(plane)
        agent.start()
        create = plane.order(VM_ID, "create", 1, renter.spec())
        made = plane.result(create).proof
        assert made is not None, plane.results[create]
        plane.wait(lambda: (seen := plane.seen(VM_ID)) is not None and seen.state == "running", "running")
        shutil.rmtree(agent.state / "vms" / VM_ID)
        beats = len(plane.heartbeats)
        plane.wait(lambda: len(plane.heartbeats) > beats + 2, "more heartbeats")
        seen = plane.seen(VM_ID)
        assert seen is not None
        assert (seen.state, seen.generation, seen.boot_id) == (WorkloadState.RUNNING, 1, made.boot_id)
        assert qemus_of(agent.state) == [made.pid]

        stopped = plane.result(plane.order(VM_ID, "stop", 2)).failure
        assert stopped is not None
        assert stopped.code == "disk_lost"
        assert qemus_of(agent.state) == []
        plane.wait(lambda: plane.seen(VM_ID) is None, "absence")


def test_terminate_does_not_wait_for_a_boot(tmp_path: Path, prepared_state: Path) -> None:
    renter = Renter(tmp_path)
    with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
        agent.enroll(plane)
        agent.start()
        create = plane.order(VM_ID, "create", 1, renter.spec())
        plane.wait(lambda: "booting" in plane.phases[create], "the boot's begin")
        gone = plane.result(plane.order(VM_ID, "terminate", 2)).proof
        assert gone is not None
        assert gone.state == "gone"
        failure = plane.result(create).failure
        assert failure is not None
        assert failure.code == "boot_timeout"
        assert qemus_of(agent.state) == []


def test_a_result_is_kept_until_it_is_acknowledged(tmp_path: Path, prepared_state: Path) -> None:
    with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
        agent.enroll(plane)
        agent.start()
        plane.wait(lambda: bool(plane.heartbeats), "a heartbeat")
        assert plane.heartbeats[0].inventory is not None
        plane.after_result = lambda: (_ for _ in ()).throw(BrokenPipeError("the answer is lost"))
        command = plane.order(VM_ID, "stop", 1)
        plane.wait(lambda: len(plane.results[command]) >= 2, "the result again")
        agent.kill()
        plane.after_result = lambda: None
        known = len(plane.results[command])
        agent.start()
        plane.wait(lambda: len(plane.results[command]) > known, "the result after a restart")
        agent.end()
        results = plane.results[command]
        assert all(result == results[0] for result in results)
        assert results[0].failure is not None
        assert results[0].failure.code == "workload_unknown"
        assert HOST_ID in agent.log()
