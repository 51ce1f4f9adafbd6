"""The self-test: its checks, verdicts and output."""

import json
from pathlib import Path

import pytest
from tests.agent.agents import Agent, call_agent
from tests.agent.control_plane import HOST_ID, ControlPlane, Refusal
from tests.agent.test_inventory import NO_ENGINES
from tests.agent.test_leaving import join

from sharemtc.wire import Accelerator, Gpu, SelfTest, Verdict
from sharemtc_agent.cli import Exit
from sharemtc_agent.config import Config
from sharemtc_agent.inventory import read_inventory
from sharemtc_agent.runtimes.runtime import ProbeResult
from sharemtc_agent.self_test import connectivity, disk_speed, machine
from sharemtc_agent.self_test.daily import DailySelfTest
from sharemtc_agent.sensors.containers import Engine

GPU = Gpu(uuid="GPU-1", model="NVIDIA H200", vram_mib=143771)


class TestDiskSpeed:
    def test_measures_and_leaves_nothing(self, tmp_path: Path) -> None:
        write, read = disk_speed.check_disk_speed(tmp_path, 4 << 20)
        assert (write.name, read.name) == ("disk_write", "disk_read")
        assert write.unit == read.unit == "MB/s"
        assert write.value is not None
        assert write.value > 0
        assert read.value is not None
        assert read.value > 0
        assert list(tmp_path.iterdir()) == []

    def test_says_when_there_is_no_room_or_no_way(self, tmp_path: Path) -> None:
        assert disk_speed.check_disk_speed(tmp_path, 1 << 60)[0].verdict is Verdict.FAIL
        assert disk_speed.check_disk_speed(Path("/proc"), 0)[0].verdict is Verdict.FAIL


class TestConnectivity:
    def test_latency_and_clock(self) -> None:
        with ControlPlane() as plane:
            found = {check.name: check for check in connectivity.check_control_plane(plane.url)}
        assert found["control_plane"].verdict is Verdict.OK
        assert found["control_plane"].unit == "ms"
        assert found["clock"].verdict is Verdict.OK
        assert "throughput" not in found  # it serves no file to measure by

    def test_nobody_there(self) -> None:
        plane = ControlPlane()
        plane.open()
        plane.close()
        (check,) = connectivity.check_control_plane(plane.url)
        assert (check.name, check.verdict) == ("control_plane", Verdict.FAIL)

    @pytest.mark.parametrize(
        ("offset_s", "verdict", "words"),
        [
            (0.4, Verdict.OK, "0.4 s behind"),
            (-1.9, Verdict.OK, "1.9 s ahead"),
            (2.5, Verdict.WARN, "timedatectl"),
            (-31.0, Verdict.FAIL, "timedatectl"),
            (None, Verdict.WARN, "no Date header"),
        ],
    )
    def test_clock_is_judged(self, offset_s: float | None, verdict: Verdict, words: str) -> None:
        check = connectivity.check_clock(offset_s)
        assert check.verdict is verdict
        assert words in check.detail

    def test_a_clock_that_is_off_is_seen(self) -> None:
        with ControlPlane() as plane:
            plane.skew_s = 3600
            found = {check.name: check for check in connectivity.check_control_plane(plane.url)}
        assert found["clock"].verdict is Verdict.FAIL
        assert found["clock"].value == pytest.approx(3600, abs=2)


class TestMachine:
    def test_gpus(self, tmp_path: Path) -> None:
        plain = read_inventory(Config(name="box"), tmp_path, ProbeResult(""), NO_ENGINES)
        judged = [
            machine.check_gpus(plain.model_copy(update={"gpus": gpus, "gpu_note": note})).verdict
            for gpus, note in (
                ((), "no NVIDIA driver"),
                ((GPU,), ""),
                ((GPU,), "GPU-1 is partitioned (MIG) and not offered"),
                ((GPU,), "GPU 1: GPU is lost"),
                ((), "GPU 0: GPU is lost"),
            )
        ]
        assert judged == [Verdict.OK, Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.FAIL]

    def test_guests(self, tmp_path: Path) -> None:
        plain = read_inventory(Config(name="box"), tmp_path, ProbeResult("no guest boots"), NO_ENGINES)
        tools, virtualisation = machine.check_guests(plain, "apt-get install -y qemu-utils")
        assert (tools.verdict, tools.detail) == (Verdict.FAIL, "apt-get install -y qemu-utils")
        assert virtualisation.verdict is Verdict.FAIL
        able = plain.model_copy(update={"accelerator": Accelerator.KVM})
        assert [check.verdict for check in machine.check_guests(able, "")] == [Verdict.OK, Verdict.OK]
        elsewhere = plain.model_copy(update={"platform": "macos"})
        assert [check.verdict for check in machine.check_guests(elsewhere, "")] == [Verdict.WARN]

    def test_no_container_engine_is_no_fault(self) -> None:
        assert machine.check_containers(NO_ENGINES.containers).verdict is Verdict.WARN
        assert machine.check_containers(Engine(available=True, detail="Docker")).verdict is Verdict.OK


@pytest.mark.slow
class TestDoctor:
    def test_boots_a_guest_and_says_what_it_saw(self, tmp_path: Path, prepared_state: Path) -> None:
        state = Agent(tmp_path / "state", prepared_state).state
        done = call_agent("doctor", "--state-dir", str(state))
        lines = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
        assert lines["virtualisation"] == lines["tools"] == "ok"
        assert {"disk_write", "disk_read", "container_engine", "gpus", "memory", "user"} <= set(lines)
        assert done.returncode == (Exit.FAILED if "FAIL" in lines.values() else Exit.OK)

    def test_report_is_signed_and_sent_and_json_is_what_was_sent(self, tmp_path: Path, prepared_state: Path) -> None:
        state_dir = Agent(tmp_path / "state", prepared_state).state
        with ControlPlane() as plane:
            join(plane, state_dir)
            done = call_agent("doctor", "--state-dir", str(state_dir), "--report", "--json")
        (test,) = plane.self_tests
        assert SelfTest.model_validate(json.loads(done.stdout)) == test
        assert {"clock", "control_plane"} <= {check.name for check in test.checks}
        assert plane.speakers == [HOST_ID]

    def test_refused_report_is_said(self, tmp_path: Path, prepared_state: Path) -> None:
        state_dir = Agent(tmp_path / "state", prepared_state).state
        with ControlPlane() as plane:
            join(plane, state_dir)
            plane.refused["self-test"] = Refusal(403, "host_closed", "banned")
            done = call_agent("doctor", "--state-dir", str(state_dir), "--report")
        assert done.returncode == Exit.REFUSED
        assert "host_closed" in done.stderr


class TestDaily:
    def test_is_due_without_one_and_after_a_day(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            state = join(plane, tmp_path)
        now = [0.0]
        daily = DailySelfTest(state, None, lambda: now[0])  # type: ignore[arg-type]
        assert daily.is_due()
        state.self_test_file.write_text("{}")
        made = state.self_test_file.stat().st_mtime
        for age_s, due in ((10, False), (86_399, False), (86_401, True), (-3600, True)):
            now[0] = made + age_s
            assert daily.is_due() is due
