"""QEMU processes: started detached so that they outlive the agent, and found again by their command lines."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sharemtc_agent.runtimes.deadline import Deadline

MONITOR_DESCRIPTOR = 3
PID_FILE = "qemu.pid"
_POLL_S = 0.05
# children that were not reaped yet
_started: set[int] = set()


@dataclass(frozen=True)
class Process:
    """A process with its start time, because pids are reused."""

    pid: int
    start_ticks: int


def find_process(pid_file: Path) -> Process | None:
    """The running QEMU that owns `pid_file`: the pid counts only if that process names this file."""
    pid = _pid_in(pid_file)
    return None if pid is None else _identify(pid, pid_file)


def search_process(pid_file: Path) -> Process | None:
    """As `find_process`, or by command line if the pid file is missing (just started, or deleted)."""
    return find_process(pid_file) or find_guests(pid_file.parents[1]).get(pid_file.parent.name)


def find_guests(vms: Path) -> dict[str, Process]:
    """Every running QEMU of a VM in the folder `vms`, by VM id, whether or not its files exist.

    A process counts if its command line matches and either our pid file holds its pid, or it sees the same folder at
    that path: an agent in a container may use the same paths for its own VMs.
    """
    found = {}
    for started in tuple(_started):
        reap(started)  # nothing else reaps a VM that ended by itself
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        argv = _arguments(pid)
        named = option(argv, b"-pidfile")
        if not named:
            continue
        pid_file = Path(os.fsdecode(named))
        vm_id = pid_file.parent.name
        if pid_file != vms / vm_id / PID_FILE or option(argv, b"-name") != b"guest=" + os.fsencode(vm_id):
            continue
        process = _identify(pid, pid_file)
        if process is not None and (_pid_in(pid_file) == pid or _sees(pid, vms)):
            found[vm_id] = process
    return found


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_bytes())
    except (OSError, ValueError):
        return None


def _sees(pid: int, folder: Path) -> bool:
    """Whether the process sees the same folder at that path; for a deleted folder, its nearest existing parent."""
    try:
        place = next(each for each in (folder, *folder.parents) if each.exists())
        return os.path.samestat(os.stat(f"/proc/{pid}/root{place}"), place.stat())
    except OSError:
        return False


def _identify(pid: int, pid_file: Path) -> Process | None:
    reap(pid)
    return _living(pid) if option(_arguments(pid), b"-pidfile") == os.fsencode(pid_file) else None


def _living(pid: int) -> Process | None:
    """None for a zombie too."""
    try:
        state, start_ticks = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else Process(pid, start_ticks)


def _arguments(pid: int) -> list[bytes]:
    """The command line; empty for hidden or ended processes and kernel threads."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def option(argv: list[bytes], name: bytes) -> bytes:
    """The argument after `name`, empty if there is none."""
    try:
        return argv[argv.index(name) + 1]
    except (ValueError, IndexError):
        return b""


def parse_stat(raw: bytes) -> tuple[bytes, int]:
    """State and start time (clock ticks since boot) from `/proc/<pid>/stat`. Errors: `ValueError`."""
    state, *fields = raw.rpartition(b")")[2].split() or [b""]
    if len(state) != 1 or len(fields) < 19:
        raise ValueError("no stat of a process")
    return state, int(fields[18])


def reap(pid: int) -> None:
    """Reaps a process that this agent started once it has ended.

    Only those: reaping a tool's process would lose its exit status.
    """
    if pid not in _started:
        return
    try:
        ended = os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        ended = True
    if ended:
        _started.discard(pid)


def is_alive(process: Process) -> bool:
    """Whether this very process still runs.

    An ending process has lost its command line but not yet its files. A child counts as alive until its exit status is
    available: its first thread may have ended while others hold its files and port.
    """
    reap(process.pid)
    return process.pid in _started or _living(process.pid) == process


def start_process(argv: list[str], *, monitor: socket.socket, log: Path) -> int:
    """Starts QEMU in a new session, with `monitor` as descriptor 3. Returns the pid."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        pid = os.posix_spawn(
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
    _started.add(pid)
    return pid


async def wait_gone(process: Process, deadline: Deadline) -> bool:
    while is_alive(process):
        if deadline.passed:
            return False
        await asyncio.sleep(_POLL_S)
    return True


async def kill_process(process: Process, deadline: Deadline) -> bool:
    """Sends SIGKILL through a pidfd, so that it cannot reach another process with the same pid."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if is_alive(process):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)
    return await wait_gone(process, deadline)


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A path for `path` that fits into a socket address, whose limit is 108 bytes."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


@contextmanager
def monitor_socket(path: Path) -> Iterator[socket.socket]:
    """A listening Unix socket to pass to QEMU: clients can connect before QEMU is up."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        with short_path(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(1)
        yield listener
