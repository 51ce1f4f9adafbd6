"""Programs of the host that the drivers call, each with a time limit."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sharemtc_agent.runtimes.runtime import RuntimeFailure

# A service started outside a login shell may miss these.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find_tool(name: str) -> str | None:
    """The path of the program `name`, or None."""
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


async def run_tool(argv: Sequence[str], *, limit_s: float, cwd: Path | None = None) -> str:
    """Runs a program to its end and gives its standard output.

    Raises:
        RuntimeFailure: `tool_missing`, `tool_timeout`, `tool_failed` with the end of what it said.
    """
    return await asyncio.to_thread(_run, tuple(argv), limit_s, cwd)


def _run(argv: tuple[str, ...], limit_s: float, cwd: Path | None) -> str:
    path = find_tool(argv[0])
    if path is None:
        raise RuntimeFailure("tool_missing", f"{argv[0]} is not installed")
    try:
        done = subprocess.run(
            [path, *argv[1:]],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeFailure("tool_timeout", f"{argv[0]} did not end within {limit_s:g} s") from None
    if done.returncode != 0:
        said = printable_tail(done.stderr or done.stdout, limit=500)
        raise RuntimeFailure("tool_failed", f"{argv[0]} ended with {done.returncode}: {said}")
    return done.stdout.decode(errors="replace")


def printable_tail(raw: bytes, *, limit: int) -> str:
    """The last `limit` characters of `raw`, with control characters other than newlines removed."""
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    return "".join(c for c in text if c == "\n" or c.isprintable())[-limit:].strip()
