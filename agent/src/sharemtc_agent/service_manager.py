"""Notifications to systemd (sd_notify): readiness, status, watchdog."""

from __future__ import annotations

import logging
import os
import socket
import sys

log = logging.getLogger(__name__)


def notify(*lines: str) -> None:
    """Sends `READY=1`, `STATUS=…` and the like; does nothing without a service manager."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or sys.platform == "win32":
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)  # a hanging manager must not block the agent
        try:
            channel.sendto("\n".join(lines).encode(), address)
        except OSError:
            log.debug("the service manager could not be notified of %s", lines)


def watchdog_interval_s() -> float | None:
    """How often to send `WATCHDOG=1`: a third of systemd's limit for this process, None without one."""
    limit_us, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not limit_us.isdigit() or int(limit_us) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(limit_us) / 3_000_000
