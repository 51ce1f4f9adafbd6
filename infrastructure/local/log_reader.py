"""Shows the logs of a running or stopped instance: a file for each process and function."""

from __future__ import annotations

import time
from pathlib import Path

from infrastructure.local.failures import LocalCloudError
from infrastructure.local.paths import StateFolder

POLL_INTERVAL_S = 0.2


def show(state_dir: Path, names: list[str], lines: int, *, follow: bool) -> int:
    """Prints the last lines of each chosen log, and follows them if asked. Raises LocalCloudError."""
    state = StateFolder(state_dir)
    chosen = _choose(state, names)
    positions: dict[Path, int] = {}
    width = max(len(path.stem) for path in chosen)
    for path in chosen:
        for line in _last(path, lines):
            print(f"{path.stem:<{width}} | {line}")
        positions[path] = path.stat().st_size
    while follow:
        for path in _choose(state, names):
            _print_added(path, positions, width)
        time.sleep(POLL_INTERVAL_S)
    return 0


def _choose(state: StateFolder, names: list[str]) -> list[Path]:
    found = sorted(state.logs.glob("*.log")) + sorted(state.function_logs.glob("*.log"))
    if not found:
        raise LocalCloudError(
            f"there are no logs in {state.logs}", "start it once, or name its folder with --state-dir"
        )
    if not names:
        return found
    known = {path.stem.lower(): path for path in found}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        there = ", ".join(path.stem for path in found)
        raise LocalCloudError(f"there is no log of {unknown[0]}", f"choose of {there}")
    return [known[name.lower()] for name in names]


def _last(path: Path, lines: int) -> list[str]:
    text = path.read_text(errors="replace").splitlines()
    return text[-lines:] if lines > 0 else []


def _print_added(path: Path, positions: dict[Path, int], width: int) -> None:
    size = path.stat().st_size
    start = positions.get(path, 0)
    if size < start:
        # the file was rotated
        start = 0
    if size == start:
        return
    with path.open("rb") as source:
        source.seek(start)
        added = source.read(size - start)
    whole, _, rest = added.rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        print(f"{path.stem:<{width}} | {line}", flush=True)
    positions[path] = start + len(added) - len(rest)
