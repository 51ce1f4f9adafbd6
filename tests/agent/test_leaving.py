"""Drain, uninstall and rejection: how a host leaves."""

import asyncio
import json
import os
import re
import stat
from pathlib import Path

import pytest
from tests.agent.agents import VM_ID, Agent, agent_command, agent_environment, call_agent
from tests.agent.control_plane import CODE, HOST_ID, OTHER_HOST_ID, ControlPlane, Refusal
from tests.agent.workloads.test_executor import SPEC

from sharemtc_agent.cli import Exit
from sharemtc_agent.client import ApiError
from sharemtc_agent.config import State
from sharemtc_agent.control_requests import ControlRequest, ControlRequests, Outcome
from sharemtc_agent.error_advice import read_closed_reason, save_closed_reason
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.runtimes.qemu.records import VmRecord
from sharemtc_agent.runtimes.qemu.runtime import QemuRuntime
from sharemtc_agent.service_unit import KEY_COPIED_STATUS, Unit, find_unit, render


def join(plane: ControlPlane, folder: Path) -> State:
    """A state directory of an enrolled host, created directly."""
    state = State(folder)
    plane.public_key = ensure_key(state.key_file).public_key()
    state.config_file.write_text(json.dumps({"name": "box", "url": plane.url, "host_id": HOST_ID}))
    return state


def leave(state: State, home: Path, *more: str) -> tuple[int, str, str]:
    done = call_agent("uninstall", "--state-dir", str(state.path), "--receipt", str(home / "receipt.json"), *more)
    return done.returncode, done.stdout, done.stderr


def left_behind(state: State) -> None:
    """A stopped VM of a renter."""
    runtime = QemuRuntime(state.vms, None)
    runtime.folder(VM_ID).path.mkdir()
    runtime.folder(VM_ID).write(VmRecord(id=VM_ID, spec=SPEC))


class TestStatus:
    def test_says_that_the_platform_has_closed_the_host_until_it_is_open_again(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            plane.refusals = [Refusal(403, "host_closed", "An operator declared it lost")]
            call_agent("drain", "--state-dir", str(state.path))
            told = call_agent("status", "--state-dir", str(state.path))
            assert "closed by the platform (An operator declared it lost)" in told.stdout
            in_json = call_agent("status", "--json", "--state-dir", str(state.path))
            assert json.loads(in_json.stdout)["closed"] == "An operator declared it lost"
            assert call_agent("drain", "--state-dir", str(state.path)).returncode == Exit.OK
        assert "closed" not in call_agent("status", "--state-dir", str(state.path)).stdout


class TestUninstall:
    def test_retires_deletes_and_gives_a_receipt(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            (state.path / "images").mkdir()
            (state.path / "images" / "initrd").write_bytes(b"x" * 3_000_000)
            code, said, complaint = leave(state, tmp_path)
        assert (code, complaint) == (Exit.OK, "")
        assert plane.farewells == [("retire", "uninstalled by the owner")]
        assert not state.path.exists()
        receipt = json.loads((tmp_path / "receipt.json").read_text())
        assert receipt["host_id"] == HOST_ID
        assert receipt["retired_at"] is not None
        assert receipt["freed_bytes"] >= 3_000_000
        assert stat.S_IMODE((tmp_path / "receipt.json").stat().st_mode) == 0o600
        assert HOST_ID in said
        assert "freed     3.0 MB" in said

    def test_not_while_renters_machines_are_here(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            left_behind(state)
            for more in ((), ("--offline",)):
                code, _, complaint = leave(state, tmp_path, *more)
                assert code == Exit.WORKLOADS_LEFT
                assert VM_ID in complaint
        assert plane.farewells == []
        assert state.key_file.exists()

    def test_stays_when_the_platform_refuses_or_is_away(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            plane.refusals = [Refusal(409, "workloads_left", "vm_x")]
            code, _, complaint = leave(state, tmp_path)
            assert code == Exit.REFUSED
            assert "workloads_left" in complaint
        code, _, complaint = leave(state, tmp_path)
        assert code == Exit.UNREACHABLE
        assert "--offline" in complaint
        assert state.key_file.exists()
        assert not (tmp_path / "receipt.json").exists()

    def test_offline_says_what_the_platform_does_not_know(self, tmp_path: Path) -> None:
        plane = ControlPlane()
        plane.open()
        plane.close()
        state = join(plane, tmp_path / "state")
        code, said, _ = leave(state, tmp_path, "--offline")
        assert code == Exit.OK
        assert "the platform was not contacted" in said
        assert json.loads((tmp_path / "receipt.json").read_text())["retired_at"] is None
        assert not state.path.exists()

    def test_a_host_that_was_closed_already_may_go(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            plane.refusals = [Refusal(403, "host_closed", "retired")]
            code, said, _ = leave(state, tmp_path)
        assert code == Exit.OK
        assert "had already closed this host" in said

    def test_a_closed_host_takes_the_machines_that_nobody_pays_for_with_it(self, tmp_path: Path) -> None:
        """For example declared lost: the platform has ended them and rejects `drain`."""
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            left_behind(state)
            closed = Refusal(403, "host_closed", "An operator declared it lost")
            plane.refused = dict.fromkeys(("commands", "drain", "retire"), closed)
            drained = call_agent("drain", "--state-dir", str(state.path))
            assert "run `sharemtc-agent uninstall`" in drained.stderr
            code, said, complaint = leave(state, tmp_path)
        assert (code, complaint) == (Exit.OK, "")
        assert f"removed   {VM_ID}" in said
        assert "had already closed this host" in said
        assert not state.path.exists()

    def test_a_host_that_was_opened_again_keeps_its_machines(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            left_behind(state)
            save_closed_reason(state.closed_file, ApiError("host_closed", "banned", status=403))
            code, _, complaint = leave(state, tmp_path)
        assert (code, VM_ID in complaint) == (Exit.WORKLOADS_LEFT, True)
        assert QemuRuntime(state.vms, None).workload_ids() == (VM_ID,)

    def test_offline_goes_by_what_the_platform_said_last(self, tmp_path: Path) -> None:
        plane = ControlPlane()
        plane.open()
        plane.close()
        state = join(plane, tmp_path / "state")
        left_behind(state)
        save_closed_reason(state.closed_file, ApiError("host_closed", "retired", status=403))
        code, said, _ = leave(state, tmp_path, "--offline")
        assert (code, f"removed   {VM_ID}" in said) == (Exit.OK, True)

    def test_not_under_a_running_agent(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            with state.lock():
                code, _, complaint = leave(state, tmp_path)
        assert code == Exit.AGENT_RUNNING
        assert str(os.getpid()) in complaint


class TestUnit:
    def test_the_file_in_the_repository_is_what_is_installed(self) -> None:
        shipped = Path(__file__).parents[2] / "agent" / "sharemtc-agent.service"
        text = render(Path("/usr/local/bin/sharemtc-agent"), Path("/var/lib/sharemtc-agent"), user=False)
        assert shipped.read_text() == text

    def test_ours_is_known_by_its_mark_and_its_state_directory(self, tmp_path: Path) -> None:
        folders = ((tmp_path, False),)
        assert find_unit(Path("/var/lib/sharemtc-agent"), folders) is None
        (tmp_path / "sharemtc-agent.service").write_text("[Service]\nExecStart=/x run --state-dir /state\n")
        assert find_unit(Path("/state"), folders) is None
        (tmp_path / "sharemtc-agent.service").write_text(render(Path("/x"), Path("/my state"), user=True))
        assert find_unit(Path("/my state"), folders) is not None
        assert find_unit(Path("/state"), folders) is None

    def test_is_stopped_and_taken_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log, program = tmp_path / "log", tmp_path / "bin" / "systemctl"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        unit = Unit(tmp_path / "sharemtc-agent.service", user=True)
        unit.file.write_text("x")
        unit.stop()
        unit.remove()
        assert not unit.file.exists()
        words = [line.split()[1] for line in log.read_text().splitlines()]
        assert words == ["stop", "disable", "daemon-reload"]

    def test_a_copied_key_does_not_start_again(self) -> None:
        assert int(Exit.KEY_COPIED) == KEY_COPIED_STATUS


class TestDrain:
    def test_without_an_agent_it_asks_itself(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            done = call_agent("drain", "--state-dir", str(state.path), "--reason", "new memory")
        assert (done.returncode, done.stdout) == (Exit.OK, f"{HOST_ID} is draining\n")
        assert plane.farewells == [("drain", "new memory")]

    def test_refusal_is_one_line(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path / "state")
            plane.refusals = [Refusal(403, "host_closed", "retired")]
            done = call_agent("drain", "--state-dir", str(state.path))
        assert done.returncode == Exit.REFUSED
        assert done.stderr.startswith("sharemtc-agent: host_closed: the platform has closed this host (retired)")
        assert done.stderr.count("\n") == 1


class TestControlRequests:
    def test_answer_comes_back(self, tmp_path: Path) -> None:
        requests = ControlRequests(tmp_path)

        def agent(_: float) -> None:
            taken = ControlRequests(tmp_path).take()
            if taken is not None:
                assert taken.reason == "why"
                ControlRequests(tmp_path).done(Outcome(state="draining"))

        assert requests.ask(ControlRequest(reason="why"), pause=agent) == "draining"
        assert list(tmp_path.iterdir()) == []

    def test_refusal_comes_back(self, tmp_path: Path) -> None:
        def agent(_: float) -> None:
            ControlRequests(tmp_path).done(Outcome(code="host_closed", detail="retired", status=403))

        with pytest.raises(ApiError) as caught:
            ControlRequests(tmp_path).ask(ControlRequest(), pause=agent)
        assert (caught.value.code, caught.value.status) == ("host_closed", 403)

    def test_silence_is_said_and_the_request_taken_back(self, tmp_path: Path) -> None:
        with pytest.raises(ApiError, match="agent_silent"):
            ControlRequests(tmp_path).ask(ControlRequest(), limit_s=0.01, pause=lambda _: None)
        assert ControlRequests(tmp_path).take() is None

    def test_damaged_is_thrown_away(self, tmp_path: Path) -> None:
        (tmp_path / "control-request.json").write_text("{")
        assert ControlRequests(tmp_path).take() is None
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
class TestRunningAgent:
    def test_answers_requests_tests_itself_and_spools_through_a_gap(self, tmp_path: Path, prepared_state: Path) -> None:
        with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
            plane.telemetry_interval_s = 5
            agent.enroll(plane)
            agent.start()
            plane.wait(lambda: bool(plane.self_tests), "the self-test after joining", 60)
            done = call_agent("drain", "--state-dir", str(agent.state))
            assert (done.returncode, done.stdout) == (Exit.OK, f"{HOST_ID} is draining\n")
            plane.wait(lambda: bool(plane.batches), "telemetry", 40)
            logs = [line.message for batch in plane.batches for line in batch.logs]
            assert any("is reporting to" in line for line in logs)

            plane.close()
            before = spooled(agent.state)
            plane.wait(lambda: spooled(agent.state) > before, "a sample while the platform is away", 40)
            agent.kill()
            held = spooled(agent.state)
            sent = len(plane.batches)
            plane.open()
            agent.start()
            plane.wait(lambda: len(plane.batches) > sent, "the gap", 60)
            stamps = [
                point.captured_at
                for batch in plane.batches
                for point in batch.metrics
                if point.metric_type == "load_1m"
            ]
            assert held > 0
            assert stamps == sorted(set(stamps))
            assert all(batch.dropped_points == 0 for batch in plane.batches)

    def test_a_copied_key_ends_it_with_a_code_of_its_own(self, tmp_path: Path, prepared_state: Path) -> None:
        with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
            agent.enroll(plane)
            agent.start()
            plane.wait(lambda: bool(plane.heartbeats), "a heartbeat")
            plane.refused["heartbeat"] = Refusal(409, "key_copied", "another instance")
            assert agent.process is not None
            assert agent.process.wait(timeout=30) == Exit.KEY_COPIED
            agent.process = None
            tries = [path for _, path, _ in plane.requests if path == "heartbeat"]
            assert agent.log().count("another machine uses this host's key") == 1
            assert len(tries) <= len(plane.heartbeats) + 2

    def test_a_closed_host_says_so_once_and_leaves_the_platform_alone(
        self, tmp_path: Path, prepared_state: Path
    ) -> None:
        with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
            agent.enroll(plane)
            plane.refused["heartbeat"] = Refusal(403, "host_closed", "retired")
            agent.start()
            plane.wait(lambda: "the platform has closed this host (retired)" in agent.log(), "the word", 60)
            tries = len(plane.requests)
            assert agent.end() == Exit.OK
            assert len(plane.requests) <= tries + 1
            assert agent.log().count("the platform has closed this host") == 1
            assert read_closed_reason(State(agent.state).closed_file) == "retired"


@pytest.mark.slow
def test_a_wrong_clock_is_said_once_and_nothing_stops(tmp_path: Path, prepared_state: Path) -> None:
    with ControlPlane() as plane, Agent(tmp_path / "state", prepared_state) as agent:
        plane.skew_s = 3600
        agent.enroll(plane)
        agent.start()
        plane.wait(lambda: len(plane.heartbeats) >= 3, "heartbeats")
        assert agent.end() == 0
        assert len(re.findall(r"this machine's clock is 3(599|600)\.\d s behind the platform", agent.log())) == 1
        assert "refused" not in agent.log()


def spooled(state: Path) -> int:
    """Open segments' lines and sealed batches."""
    lines = sum(file.read_bytes().count(b"\n") for file in state.glob("spool/*.jsonl"))
    return lines + len(list(state.glob("spool/*.gz")))


@pytest.mark.slow
def test_two_directories_of_one_machine_join_as_two_hosts(tmp_path: Path, prepared_state: Path) -> None:
    with (
        ControlPlane() as plane,
        Agent(tmp_path / "a", prepared_state) as first,
        Agent(tmp_path / "b", prepared_state) as second,
    ):
        first.enroll(plane)
        plane.codes[CODE] = OTHER_HOST_ID
        second.enroll(plane)
        assert len({key.public_bytes_raw() for key in plane.keys.values()}) == 2
        first.start()
        second.start()
        plane.wait(lambda: {HOST_ID, OTHER_HOST_ID} <= set(plane.speakers), "both hosts", 60)
        assert first.end() == second.end() == 0
        assert len({beat.instance for beat in plane.heartbeats}) == 2


def test_running_agent_is_asked_not_passed_over(tmp_path: Path) -> None:
    """While an agent holds the directory, no other process takes sequence numbers."""
    with ControlPlane() as plane:
        state = join(plane, tmp_path / "state")

        async def both() -> tuple[int, str]:
            with state.lock():
                asked = await asyncio.create_subprocess_exec(
                    *agent_command("drain", "--state-dir", str(state.path)), env=agent_environment(), stdout=-1
                )
                while (request := ControlRequests(state.path).take()) is None:
                    await asyncio.sleep(0.05)
                assert request.self_test is None
                ControlRequests(state.path).done(Outcome(state="draining"))
                said, _ = await asked.communicate()
                return int(asked.returncode or 0), said.decode()

        assert asyncio.run(both()) == (0, f"{HOST_ID} is draining\n")
        assert plane.requests == []
