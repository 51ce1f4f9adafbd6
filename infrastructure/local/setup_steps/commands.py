"""Runs a build command, logs its output, and reports its failure in one line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from infrastructure.local.failures import BuildFailed
from infrastructure.local.paths import BUILD, REPOSITORY

LOGS = BUILD / "logs"
TIMEOUT_S = 1800
# the user's Python settings and virtual environment must not leak into ours
LEFT_OUT = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "UV_PROJECT_ENVIRONMENT",
    "MAKEFLAGS",
    "MAKELEVEL",
)


def run(piece: str, *command: str | Path, cwd: Path = REPOSITORY, **environment: str) -> None:
    """Raises BuildFailed with the last line of the output."""
    LOGS.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    log = LOGS / f"{piece}.log"
    with log.open("a") as output:
        try:
            done = subprocess.run(
                [str(part) for part in command], cwd=cwd, env={**inherited, **environment}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BuildFailed(f"{piece}: {error}", f"more in {log}") from None
    if done.returncode != 0:
        said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise BuildFailed(f"{piece}: {said[-1].strip() if said else 'failed'}", f"more in {log}")
