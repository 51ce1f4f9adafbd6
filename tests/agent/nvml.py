"""A compiled libnvidia-ml for tests of the real binding, with its symbols, structures and error codes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Two GPUs. FAKE_FIRST and FAKE_SECOND say what is wrong with each, FAKE_DRIVER with the driver.
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef void *Device;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { unsigned pid; unsigned long long used; unsigned gi, ci; } Process;
enum { OK = 0, NOT_SUPPORTED = 3, NO_PERMISSION = 4, TOO_SMALL = 7, NOT_LOADED = 9, LOST = 15, MISMATCH = 18 };
enum { UNKNOWN = 999 };
static int is(const char *variable, const char *what) {
    const char *s = getenv(variable); return s && !strcmp(s, what); }
static int ails(Device d, const char *what) { return is(d == (Device)1 ? "FAKE_FIRST" : "FAKE_SECOND", what); }
static int lost(Device d) { return ails(d, "lost") ? LOST : OK; }
int nvmlInitWithFlags(unsigned f) {
    return is("FAKE_DRIVER", "missing") ? NOT_LOADED : is("FAKE_DRIVER", "mismatched") ? MISMATCH : OK; }
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int r) { return r == LOST ? "GPU is lost" : r == NOT_LOADED ? "Driver Not Loaded" : "no"; }
int nvmlSystemGetDriverVersion(char *s, unsigned n) { snprintf(s, n, "570.86.15"); return OK; }
#ifndef OLD
int nvmlSystemGetCudaDriverVersion_v2(int *v) { *v = 12080; return OK; }
int nvmlDeviceGetComputeRunningProcesses_v3(Device d, unsigned *n, Process *p) {
    if (ails(d, "forbidden")) return NO_PERMISSION;
    if (d == (Device)2) { *n = 0; return OK; }
    if (*n < 1 || !p) { *n = 1; return TOO_SMALL; }
    *n = 1; memset(p, 0, sizeof *p); p->pid = 4242; p->used = 1ULL << 30; return OK; }
#endif
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return is("FAKE_DRIVER", "uncountable") ? UNKNOWN : OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, Device *d) { *d = (Device)(long)(i + 1); return lost(*d); }
int nvmlDeviceGetName(Device d, char *s, unsigned n) {
    snprintf(s, n, ails(d, "odd") ? "NVIDIA\x01\xc3 H200" : "NVIDIA H200");
    return ails(d, "nameless") ? NOT_SUPPORTED : OK; }
int nvmlDeviceGetUUID(Device d, char *s, unsigned n) { snprintf(s, n, "GPU-fake-%ld", (long)d); return OK; }
int nvmlDeviceGetMemoryInfo(Device d, Memory *m) {
    if (ails(d, "unified")) return NOT_SUPPORTED;
    memset(m, 0, sizeof *m); m->total = 143771ULL << 20; m->used = (unsigned long long)(long)d << 30; return OK; }
int nvmlDeviceGetUtilizationRates(Device d, Utilization *u) {
    if (ails(d, "mig")) return NOT_SUPPORTED;
    u->gpu = 37; u->memory = 12; return ails(d, "drops") ? LOST : OK; }
int nvmlDeviceGetTemperature(Device d, int sensor, unsigned *t) { *t = 54; return OK; }
int nvmlDeviceGetPowerUsage(Device d, unsigned *mw) {
    *mw = 321450; return ails(d, "forbidden") ? NO_PERMISSION : OK; }
int nvmlDeviceGetMigMode(Device d, unsigned *now, unsigned *next) {
    if (d == (Device)1) return NOT_SUPPORTED;
    *now = *next = ails(d, "mig"); return OK; }
"""


def compile_library(folder: Path, *, old: bool = False) -> Path:
    """Compiles the library into `folder`; an `old` one lacks newer functions. Needs `cc`."""
    compiler = shutil.which("cc")
    assert compiler is not None
    folder.mkdir(exist_ok=True)
    (folder / "nvml.c").write_text(SOURCE)
    flags = ["-DOLD"] if old else []
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", *flags, "-o", library, folder / "nvml.c"], check=True)
    return folder


def environment(library: Path, **ailments: str) -> dict[str, str]:
    """Environment that loads the library; `first`, `second` and `driver` select the failures."""
    return {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LD_LIBRARY_PATH": str(library),
        "PATH": os.environ["PATH"],
        **{f"FAKE_{name.upper()}": ailment for name, ailment in ailments.items()},
    }
