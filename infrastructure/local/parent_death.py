"""Runs a command that ends with its parent:
``python -m infrastructure.local.parent_death <signal number> <command> …``.

The kernel sends the signal when the parent ends, also by kill -9; the setting survives ``exec``. Linux only; elsewhere
the command simply runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    number, command = int(sys.argv[1]), sys.argv[2:]
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
        # the parent may have died before prctl was called
        if os.getppid() != parent:
            os.kill(os.getpid(), number)
    # Ctrl-C reaches the whole foreground group; the launcher stops its children in order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.execvp(command[0], command)  # noqa: S606 - the launcher's own fixed commands


if __name__ == "__main__":
    main()
