"""The operating system."""

from __future__ import annotations

import platform
import re
import socket
import sys
from typing import Literal

PlatformName = Literal["linux", "macos", "windows"]


def platform_name() -> PlatformName:
    """The kind of system; what is neither macOS nor Windows counts as Linux."""
    if sys.platform == "darwin":
        return "macos"
    return "windows" if sys.platform == "win32" else "linux"


def arch() -> str:
    """The processor's architecture as the system names it."""
    return platform.machine()[:200]


def os_name() -> str:
    """The distribution's name, or the system's and its version where there is none."""
    if platform_name() == "macos":
        return f"macOS {platform.mac_ver()[0]}".strip()[:200]
    if platform_name() == "windows":
        return f"Windows {platform.release()}".strip()[:200]
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")[:200]
    except (OSError, ValueError):  # not there, or not in UTF-8
        return platform.system() or "unknown"


def kernel_release() -> str:
    return platform.release()[:200]


def host_name() -> str:
    """The machine's name reduced to what a host may be called."""
    name = re.sub(r"[^a-zA-Z0-9.-]", "-", socket.gethostname())[:64].strip(".-")
    return name or "host"
