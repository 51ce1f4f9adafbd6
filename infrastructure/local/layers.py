"""Builds layers as SAM does, with the Makefile in their folder, and only when an input has changed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infrastructure.local import archives
from infrastructure.local.failures import BuildFailed, ToolMissing
from infrastructure.local.paths import BUILD, RUNTIME_PYTHON


def build(logical_id: str, source: Path, built: Path | None = None) -> Path:
    """Runs ``make build-<logical id>`` and returns the archive. Raises BuildFailed, ToolMissing."""
    target = built or BUILD / "layers" / source.name
    archive, stamp = target.with_suffix(".zip"), target.with_suffix(".stamp")
    wanted = archives.digest([source], logical_id, sys.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if archive.exists() and stamp.exists() and stamp.read_text() == wanted:
            return archive
        fresh = target.with_name(f"{target.name}.fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _make(logical_id, source, fresh)
        content = archives.pack(fresh, bytecode=True)
        stamp.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
        partial = archive.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(archive)
        stamp.write_text(wanted)
    return archive


def _make(logical_id: str, source: Path, artifacts: Path) -> None:
    if shutil.which("make") is None:
        raise ToolMissing("make, which builds the layers, is not installed", "Debian: apt-get install make")
    tools = os.pathsep.join([str(BUILD / "uv" / "bin"), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": tools, "PYTHON": str(RUNTIME_PYTHON)}
    # the caller may run under make: its flags and job server must not reach the layer's make
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"):
        environment.pop(name, None)
    command = ["make", "--no-print-directory", "-C", str(source), f"build-{logical_id}", f"ARTIFACTS_DIR={artifacts}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BuildFailed(f"layer {logical_id} could not be built: {said[-1] if said else 'make said nothing'}")
