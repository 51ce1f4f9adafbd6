"""The operating system."""

from __future__ import annotations

import platform
import re
import socket


def os_name() -> str:
    """The distribution's name, or the kernel's where there is none."""
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")[:200]
    except OSError:
        return platform.system() or "unknown"


def kernel_release() -> str:
    return platform.release()[:200]


def host_name() -> str:
    """The machine's name reduced to what a host may be called."""
    name = re.sub(r"[^a-zA-Z0-9.-]", "-", socket.gethostname())[:64].strip(".-")
    return name or "host"
