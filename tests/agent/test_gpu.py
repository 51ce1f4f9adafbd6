"""The GPU sensor: the real binding against a compiled libnvidia-ml, in a child process."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.agent import nvml

PROGRAM = """
import dataclasses, json
from sharemtc_agent.sensors import gpu
found, state = gpu.find_gpus(), gpu.read_gpus()
said = {"gpus": [each.model_dump() for each in found.gpus], "note": found.note, "known": found.known}
print(json.dumps({**said, **dataclasses.asdict(state)}))
"""
pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nvml.compile_library(tmp_path_factory.mktemp("nvml"))


def find(library: Path, **ailments: str) -> dict[str, Any]:
    env = nvml.environment(library, **ailments)
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def make_gpu(index: int, **changes: object) -> dict[str, object]:
    plain = {
        "uuid": f"GPU-fake-{index}",
        "model": "NVIDIA H200",
        "vram_mib": 143771,
        "driver_version": "570.86.15",
        "cuda_version": "12.8",
        "mig": False,
    }
    return {**plain, **changes}


def make_reading(index: int, **changes: object) -> dict[str, object]:
    plain = {
        "uuid": f"GPU-fake-{index}",
        "used_percent": 37.0,
        "memory_used_mib": index << 10,
        "temperature_c": 54.0,
        "power_w": 321.4,
        "processes": 2 - index,
    }
    return {**plain, **changes}


class TestFindGpus:
    def test_finds_all(self, library: Path) -> None:
        found = find(library)
        assert (found["gpus"], found["note"]) == ([make_gpu(1), make_gpu(2)], "")

    def test_a_lost_one_does_not_hide_the_others(self, library: Path) -> None:
        found = find(library, second="lost")
        assert (found["gpus"], found["note"]) == ([make_gpu(1)], "GPU 1: GPU is lost")

    def test_a_partitioned_one_is_described_and_said_not_to_be_sold(self, library: Path) -> None:
        found = find(library, second="mig")
        assert found["gpus"] == [make_gpu(1), make_gpu(2, mig=True)]
        assert "GPU-fake-2 is partitioned (MIG)" in found["note"]

    def test_says_why_there_is_none(self, library: Path, tmp_path: Path) -> None:
        found = find(library, driver="missing")
        assert (found["gpus"], found["note"]) == ([], "the NVIDIA driver failed to start: Driver Not Loaded")
        assert "libnvidia-ml.so.1" in find(tmp_path)["note"]

    def test_a_driver_that_cannot_be_asked_is_another_thing_than_none(self, library: Path, tmp_path: Path) -> None:
        assert [find(library)["known"], find(tmp_path)["known"]] == [True, True]
        for ailment in ("missing", "mismatched", "uncountable"):
            found = find(library, driver=ailment)
            assert (found["gpus"], found["known"]) == ([], False)
            assert found["trouble"] == found["note"] != ""

    def test_one_that_shares_the_machines_memory_has_none_of_its_own(self, library: Path) -> None:
        found = find(library, first="unified")
        assert found["gpus"] == [make_gpu(1, vram_mib=None), make_gpu(2)]
        assert found["readings"] == [make_reading(1, memory_used_mib=None), make_reading(2)]
        assert found["note"] == ""

    def test_what_is_optional_does_not_hide_a_gpu(self, library: Path) -> None:
        found = find(library, second="nameless")
        assert found["gpus"] == [make_gpu(1), make_gpu(2, model="NVIDIA GPU")]

    def test_a_name_with_odd_bytes_does_not_hide_one(self, library: Path) -> None:
        assert find(library, second="odd")["gpus"] == [make_gpu(1), make_gpu(2, model="NVIDIA GPU")]

    def test_an_older_driver_leaves_out_what_it_does_not_know(self, tmp_path: Path) -> None:
        found = find(nvml.compile_library(tmp_path, old=True))
        assert found["gpus"] == [make_gpu(1, cuda_version=""), make_gpu(2, cuda_version="")]
        assert found["readings"] == [make_reading(1, processes=None), make_reading(2, processes=None)]


class TestReadGpus:
    def test_reads_all(self, library: Path) -> None:
        found = find(library)
        assert (found["readings"], found["lost"]) == ([make_reading(1), make_reading(2)], [])

    def test_what_is_not_supported_or_permitted_is_left_out(self, library: Path) -> None:
        found = find(library, first="forbidden", second="mig")
        assert found["readings"] == [make_reading(1, power_w=None, processes=None), make_reading(2, used_percent=None)]

    @pytest.mark.parametrize("how", ["lost", "drops"])
    def test_a_lost_one_is_named_and_the_others_are_read(self, library: Path, how: str) -> None:
        found = find(library, first=how)
        assert (found["readings"], found["lost"]) == ([make_reading(2)], ["GPU 0: GPU is lost"])

    def test_without_a_driver_there_is_nothing_to_read(self, library: Path) -> None:
        assert find(library, driver="missing")["readings"] == []
