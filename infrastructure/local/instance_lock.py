"""One instance per state directory and port."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from typing import TextIO

from infrastructure.local.failures import AlreadyRunning, PortBusy, StateDamaged
from infrastructure.local.paths import StateFolder

# connections that wait for the gateway; the kernel drops those beyond
BACKLOG = 1024
CHOOSE = "make it a folder that you may write to, or choose another with SHAREMTC_STATE_DIR"


def hold(state: StateFolder) -> TextIO:
    """Locks the state directory until the returned file is closed or the process ends.

    Raises AlreadyRunning, StateDamaged.
    """
    try:
        state.create()
        lock = state.lock.open("a+")
    except OSError as error:
        raise StateDamaged(
            f"the state directory {state.root} cannot be used ({error.strerror or error})", CHOOSE
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        by = f" (process {owner})" if owner else ""
        raise AlreadyRunning(f"ShareMTC already runs with the state in {state.root}{by}") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def listen(port: int) -> socket.socket:
    """Binds the public port on the loopback address. Raises PortBusy."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise PortBusy(f"port {port} {reason}") from None
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener
