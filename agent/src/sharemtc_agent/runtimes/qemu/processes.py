"""QEMU processes: started apart from the agent so that they outlive it, and found again by who they say they are."""

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
# children of this process that nobody has waited for yet
_started: set[int] = set()


@dataclass(frozen=True)
class Process:
    """A process and when it began: a pid alone may be another process's by now."""

    pid: int
    start_ticks: int


def find_process(pid_file: Path) -> Process | None:
    """The living QEMU that owns `pid_file`: the pid in the file counts only if that process names this file."""
    pid = _pid_in(pid_file)
    return None if pid is None else _identify(pid, pid_file)


def search_process(pid_file: Path) -> Process | None:
    """As `find_process`, and by command lines where the file is missing: QEMU has just begun, or it was deleted."""
    return find_process(pid_file) or find_guests(pid_file.parents[1]).get(pid_file.parent.name)


def find_guests(vms: Path) -> dict[str, Process]:
    """Every living QEMU of a VM in the folder `vms`, by the VM's id, whether or not its files are there.

    A process is one of ours if its command line says so and either our own file holds its pid, or the folder that it
    sees at that path is this one: an agent in a container may use the same paths for guests of its own.
    """
    found = {}
    for started in tuple(_started):
        reap(started)  # a guest that ended by itself is asked for by nobody else
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
    """Whether the process finds at that path what we find there; of a deleted folder, what it was in counts."""
    try:
        place = next(each for each in (folder, *folder.parents) if each.exists())
        return os.path.samestat(os.stat(f"/proc/{pid}/root{place}"), place.stat())
    except OSError:
        return False


def _identify(pid: int, pid_file: Path) -> Process | None:
    """The process if it lives and names this file."""
    reap(pid)
    return _living(pid) if option(_arguments(pid), b"-pidfile") == os.fsencode(pid_file) else None


def _living(pid: int) -> Process | None:
    """The process, None where there is none or only its exit status is left."""
    try:
        state, start_ticks = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else Process(pid, start_ticks)


def _arguments(pid: int) -> list[bytes]:
    """The process's command line; empty for one that is gone or hidden, and for kernel threads."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def option(argv: list[bytes], name: bytes) -> bytes:
    """The argument after `name`, empty where there is none."""
    try:
        return argv[argv.index(name) + 1]
    except (ValueError, IndexError):
        return b""


def parse_stat(raw: bytes) -> tuple[bytes, int]:
    """State and start, in clock ticks since the machine's, of a `/proc/<pid>/stat`. Errors: `ValueError`.

    The process names itself in the second field, with any bytes and brackets: what counts begins behind the last one.
    """
    state, *fields = raw.rpartition(b")")[2].split() or [b""]
    if len(state) != 1 or len(fields) < 19:
        raise ValueError("no stat of a process")
    return state, int(fields[18])


def reap(pid: int) -> None:
    """Takes a process that this agent started out of the table once it has ended.

    Only those: whoever waits for another child, a tool's, would find its exit status gone.
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

    One that is ending has lost its command line, and not yet its files; one that this agent started lives until its
    exit status can be taken: before, its first thread may have ended and others hold its files and its port.
    """
    reap(process.pid)
    return process.pid in _started or _living(process.pid) == process


def start_process(argv: list[str], *, monitor: socket.socket, log: Path) -> int:
    """Starts QEMU in a session of its own, with `monitor` as descriptor 3 and its output in `log`. Gives the pid."""
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
    """Whether the process ended before the deadline."""
    while is_alive(process):
        if deadline.passed:
            return False
        await asyncio.sleep(_POLL_S)
    return True


async def kill_process(process: Process, deadline: Deadline) -> bool:
    """Ends the process at once. Sent through a pidfd, so that it reaches no other process that got its pid."""
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
