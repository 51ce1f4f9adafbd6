"""Host programs that the runtimes call, each with a timeout."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sharemtc_agent.runtimes.runtime import RuntimeFailure

# May be missing from the PATH of a service.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find_tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


async def run_tool(argv: Sequence[str], *, limit_s: float, cwd: Path | None = None) -> str:
    """Runs a program and returns its standard output.

    Errors: `RuntimeFailure` `tool_missing`, `tool_timeout`, or `tool_failed` with the end of its output.
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
        raise RuntimeFailure("tool_timeout", f"{argv[0]} did not finish within {limit_s:g} s") from None
    if done.returncode != 0:
        output = printable_tail(done.stderr or done.stdout, limit=500)
        raise RuntimeFailure("tool_failed", f"{argv[0]} failed with exit code {done.returncode}: {output}")
    return done.stdout.decode(errors="replace")


def printable_tail(raw: bytes, *, limit: int) -> str:
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    return "".join(c for c in text if c == "\n" or c.isprintable())[-limit:].strip()
