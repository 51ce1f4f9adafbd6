"""QEMU processes: started apart from the agent so that they outlive it, and found again by who they say they are."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sharemtc_agent.runtimes.deadline import Deadline

MONITOR_DESCRIPTOR = 3
_POLL_S = 0.05


@dataclass(frozen=True)
class Process:
    """A process and when it began: a pid alone may be another process's by now."""

    pid: int
    start_ticks: int


def find_process(pid_file: Path) -> Process | None:
    """The living QEMU that owns `pid_file`: the pid in the file counts only if that process names this file."""
    try:
        pid = int(pid_file.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
    return _identify(pid, str(pid_file))


def search_process(pid_file: Path) -> Process | None:
    """As `find_process`, and looks at every process if the file is missing, as it is when QEMU has just begun."""
    found = find_process(pid_file)
    if found is not None:
        return found
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return next((process for pid in pids if (process := _identify(pid, str(pid_file)))), None)


def _identify(pid: int, pid_file: str) -> Process | None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # one that this agent started stays in the table until it is waited for
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    if b"-pidfile" not in argv or argv[argv.index(b"-pidfile") + 1] != os.fsencode(pid_file):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else Process(pid, int(fields[18]))


def is_alive(process: Process, pid_file: Path) -> bool:
    """Whether this very process still runs."""
    return _identify(process.pid, str(pid_file)) == process


def start_process(argv: list[str], *, monitor: socket.socket, log: Path) -> int:
    """Starts QEMU in a session of its own, with `monitor` as descriptor 3 and its output in `log`. Gives the pid."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return os.posix_spawn(
            argv[0],
            argv,
            {"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out, 1),
                (os.POSIX_SPAWN_DUP2, out, 2),
                (os.POSIX_SPAWN_DUP2, monitor.fileno(), MONITOR_DESCRIPTOR),
            ],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
        )
    finally:
        os.close(out)


async def wait_gone(process: Process, pid_file: Path, deadline: Deadline) -> bool:
    """Whether the process ended before the deadline."""
    while is_alive(process, pid_file):
        if deadline.passed:
            return False
        await asyncio.sleep(_POLL_S)
    return True


async def kill_process(process: Process, pid_file: Path, deadline: Deadline) -> bool:
    """Ends the process at once. Sent through a pidfd, so that it reaches no other process that got its pid."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if is_alive(process, pid_file):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)
    return await wait_gone(process, pid_file, deadline)


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket address, whose limit is 108 bytes."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


@contextmanager
def monitor_socket(path: Path) -> Iterator[socket.socket]:
    """A listening Unix socket at `path`, to be handed to QEMU: it can be connected to before QEMU is up."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        with short_path(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(1)
        yield listener
