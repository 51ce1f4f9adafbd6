"""Failing sensors do not stop the agent and are logged once."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.agent.control_plane import HOST_ID, ControlPlane

from sharemtc.wire import MetricType, Verdict
from sharemtc_agent.config import Config, State
from sharemtc_agent.daemon import Daemon
from sharemtc_agent.inventory import read_inventory
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.runtimes.qemu.probe import probe_hypervisor
from sharemtc_agent.runtimes.runtime import ProbeResult
from sharemtc_agent.self_test.runner import run_self_test
from sharemtc_agent.sensors import capabilities, cpu, disk, gpu, guard, network, system
from sharemtc_agent.sensors.capabilities import Engines, find_engines
from sharemtc_agent.sensors.containers import Engine
from sharemtc_agent.sensors.guard import guarded, nothing
from sharemtc_agent.telemetry.sampler import Sampler

NO_ENGINES = Engines(Engine(available=False, detail=""), Engine(available=False, detail=""))
PROGRAM = """
import json, os
from sharemtc_agent.sensors.capabilities import find_engines
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(json.dumps([each._asdict() for each in find_engines()]))
"""


class Odd(Exception):
    """An unexpected error."""


def breaks(*_: object, **__: object) -> Any:
    raise Odd("a new kernel says it another way")


@pytest.fixture(autouse=True)
def nothing_fails_yet() -> Iterator[None]:
    guard._failing.clear()
    yield
    guard._failing.clear()


class TestGuarded:
    def test_tells_once_and_again_when_it_works(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        for _ in range(3):
            assert guarded("the sensor", breaks, nothing) is None
        assert guarded("the sensor", lambda: 7, nothing) == 7
        assert [each.message for each in caplog.records] == [
            "the sensor: not available: a new kernel says it another way",
            "the sensor: available again",
        ]

    def test_a_refusal_is_called_one(self) -> None:
        def refused() -> None:
            raise PermissionError(13, "Permission denied", "/run/docker.sock")

        assert guarded("it", refused, lambda reason: reason) == "permission denied"


class TestEverySensor:
    @pytest.mark.parametrize(
        ("module", "name"),
        [
            (gpu, "find_gpus"),
            (cpu, "cpu_model"),
            (system, "os_name"),
            (system, "kernel_release"),
            (network, "network_mbps"),
        ],
    )
    def test_the_inventory_is_told_without_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
    ) -> None:
        monkeypatch.setattr(module, name, breaks)
        told = read_inventory(Config(name="box"), tmp_path, ProbeResult("none"), NO_ENGINES)
        assert told.total.vcpus > 0
        assert told.gpus_known is (name != "find_gpus")

    @pytest.mark.parametrize("name", ["find_engine", "find_cluster"])
    def test_an_engine_that_breaks_the_question_is_not_available(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(capabilities, name, breaks)
        assert any("not available: a new kernel" in each.detail for each in find_engines())

    @pytest.mark.parametrize(
        ("module", "name", "left_out"),
        [
            (cpu, "load_1m", MetricType.LOAD_1M),
            (disk, "disk_usage", MetricType.DISK_USED_GIB),
            (disk, "disk_traffic", MetricType.DISK_READ_BYTES_PER_S),
            (network, "network_traffic", MetricType.NETWORK_RX_BYTES_PER_S),
            (gpu, "read_gpus", MetricType.GPU_USED_PERCENT),
        ],
    )
    def test_a_sample_leaves_out_what_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, left_out: MetricType
    ) -> None:
        sampler = Sampler(HOST_ID, tmp_path)
        monkeypatch.setattr(module, name, breaks)
        found = {each.metric_type for each in sampler.sample(datetime.now(UTC), {})}
        assert MetricType.MEMORY_USED_MIB in found
        assert left_out not in found

    def test_a_part_of_the_self_test_that_breaks_has_failed_and_the_rest_is_done(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sharemtc_agent.self_test.runner.check_disk_speed", breaks)
        monkeypatch.setattr("sharemtc_agent.runtimes.qemu.probe.ensure_tiny", breaks)
        found = {check.name: check for check in asyncio.run(run_self_test(tmp_path, Config(name="box"))).checks}
        assert found["disk_write"].verdict is Verdict.FAIL
        assert "could not run" in found["disk_write"].detail
        assert {"system", "memory", "gpus", "user", "virtualisation"} <= found.keys()

    def test_guests_that_cannot_be_tried_are_a_note(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sharemtc_agent.runtimes.qemu.probe.ensure_tiny", breaks)
        found, note = asyncio.run(probe_hypervisor(tmp_path, "127.0.0.1"))
        assert (found, note) == (None, "the boot test failed: a new kernel says it another way")

    def test_the_heartbeat_goes_on_with_what_was_read_last(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def beat(plane: ControlPlane) -> None:
            state = State(tmp_path)
            plane.public_key = ensure_key(state.key_file).public_key()
            daemon = Daemon(state, Config(name="box", url=plane.url, host_id=HOST_ID))
            await daemon.cycle()
            daemon._inventory_read_at = float("-inf")
            monkeypatch.setattr("sharemtc_agent.daemon.read_figures", breaks)
            monkeypatch.setattr("sharemtc_agent.daemon.read_inventory", breaks)
            await daemon.cycle()
            await daemon._client.close()
            daemon._database.close()

        with ControlPlane() as plane:
            asyncio.run(beat(plane))
        first, second = plane.heartbeats
        assert (second.figures, second.inventory) == (first.figures, None)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become an ordinary user")
def test_an_ordinary_user_is_told_what_is_kept_from_it() -> None:
    with tempfile.TemporaryDirectory() as kept:  # mode 0700
        env = {
            "PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], "HOME": "/nonexistent",
            "DOCKER_HOST": f"unix://{kept}/docker.sock", "KUBECONFIG": f"{kept}/config",
        }  # fmt: skip
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    engine, cluster = json.loads(done.stdout)
    assert (engine["available"], cluster["available"]) == (False, False)
    assert engine["detail"].startswith(f"{kept}/docker.sock is not available: permission denied")
    assert cluster["detail"] == f"{kept}/config is not available: permission denied"
