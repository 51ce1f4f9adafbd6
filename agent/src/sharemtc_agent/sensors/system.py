"""The operating system."""

from __future__ import annotations

import platform
import re
import socket
import sys
from typing import Literal

PlatformName = Literal["linux", "macos", "windows"]


def platform_name() -> PlatformName:
    """Anything other than macOS and Windows counts as Linux."""
    if sys.platform == "darwin":
        return "macos"
    return "windows" if sys.platform == "win32" else "linux"


def arch() -> str:
    return platform.machine()[:200]


def os_name() -> str:
    """The distribution's name, else the system's name and version."""
    if platform_name() == "macos":
        return f"macOS {platform.mac_ver()[0]}".strip()[:200]
    if platform_name() == "windows":
        return f"Windows {platform.release()}".strip()[:200]
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")[:200]
    except (OSError, ValueError):  # missing, or not UTF-8
        return platform.system() or "unknown"


def kernel_release() -> str:
    return platform.release()[:200]


def host_name() -> str:
    name = re.sub(r"[^a-zA-Z0-9.-]", "-", socket.gethostname())[:64].strip(".-")
    return name or "host"
