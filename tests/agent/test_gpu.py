"""The GPU sensor against a compiled libnvidia-ml, driven through the real binding in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Two GPUs: the first whole; the second as FAKE_SECOND says.
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef void *Device; typedef struct { unsigned long long total, free, used; } Memory;
static const char *second(void) { const char *s = getenv("FAKE_SECOND"); return s ? s : ""; }
static int lost(Device d) { return d == (Device)2 && !strcmp(second(), "lost") ? 15 : 0; }
int nvmlInitWithFlags(unsigned f) { return strcmp(second(), "nodriver") ? 0 : 9; }
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int r) { return r == 15 ? "GPU is lost" : r == 9 ? "Driver Not Loaded" : "error"; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, Device *d) { *d = (Device)(long)(i + 1); return lost(*d); }
int nvmlDeviceGetName(Device d, char *s, unsigned n) { snprintf(s, n, "NVIDIA H200"); return 0; }
int nvmlDeviceGetUUID(Device d, char *s, unsigned n) { snprintf(s, n, "GPU-fake-%ld", (long)d); return 0; }
int nvmlDeviceGetMemoryInfo(Device d, Memory *m) { memset(m, 0, sizeof *m); m->total = 143771ULL << 20; return 0; }
int nvmlDeviceGetMigMode(Device d, unsigned *now, unsigned *next) {
    if (d == (Device)1) return 3; /* not supported */
    *now = *next = !strcmp(second(), "mig"); return 0; }
"""
PROGRAM = """
import json
from sharemtc_agent.sensors.gpu import find_gpus
gpus, note = find_gpus()
print(json.dumps({"gpus": [gpu.model_dump() for gpu in gpus], "note": note}))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("nvml")
    (folder / "nvml.c").write_text(SOURCE)
    target = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(target), str(folder / "nvml.c")], check=True)
    return folder


def find(library: Path, second: str) -> dict[str, object]:
    env = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LD_LIBRARY_PATH": str(library),
        "FAKE_SECOND": second,
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def make_gpu(index: int) -> dict[str, object]:
    return {"uuid": f"GPU-fake-{index}", "model": "NVIDIA H200", "vram_mib": 143771}


class TestFindGpus:
    def test_finds_all(self, library: Path) -> None:
        assert find(library, "") == {"gpus": [make_gpu(1), make_gpu(2)], "note": ""}

    def test_a_lost_one_does_not_hide_the_others(self, library: Path) -> None:
        assert find(library, "lost") == {"gpus": [make_gpu(1)], "note": "GPU 1: GPU is lost"}

    def test_a_partitioned_one_is_not_offered(self, library: Path) -> None:
        found = find(library, "mig")
        assert found["gpus"] == [make_gpu(1)]
        assert "MIG" in str(found["note"])

    def test_says_why_there_is_none(self, library: Path) -> None:
        assert find(library, "nodriver") == {"gpus": [], "note": "no NVIDIA driver: Driver Not Loaded"}
