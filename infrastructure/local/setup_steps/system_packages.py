"""System packages for VMs and for the tests.

As root with apt and no terminal they are installed; at a terminal the user is asked once. Otherwise everything still
starts: the message lists what to install, and the host offers no VMs.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

from infrastructure.local.failures import BuildFailed
from infrastructure.local.setup_steps import stamps
from infrastructure.local.setup_steps.commands import run

ARCHITECTURES = {"x86_64": ("qemu-system-x86", "amd64"), "aarch64": ("qemu-system-arm", "arm64")}
# Ubuntu names its kernel differently and compresses its modules with zstd
UBUNTU_KERNEL = "linux-image-virtual"
COMMON = ("qemu-utils", "busybox-static", "dropbear-bin", "genisoimage", "cpio", "kmod", "openssh-client")
# a browser for the console, a C compiler for the stand-in of the GPU library, a linter for the installer
TESTS = ("chromium", "gcc", "libc6-dev", "shellcheck", "zstd")
INSTALL, ASK, SAY = "install", "ask", "say"


def wanted(purpose: str) -> list[str]:
    """Debian packages for a purpose (``run`` or ``test``) on this machine."""
    emulator, kernel = ARCHITECTURES.get(platform.machine(), ARCHITECTURES["x86_64"])
    packages = [emulator, UBUNTU_KERNEL if _is_ubuntu() else f"linux-image-cloud-{kernel}", *COMMON]
    return [*packages, *TESTS] if purpose == "test" else packages


def _is_ubuntu() -> bool:
    try:
        release = platform.freedesktop_os_release()
    except (OSError, ValueError):
        return False
    return "ubuntu" in (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def missing(packages: list[str]) -> list[str]:
    """Those that are not installed."""
    if shutil.which("dpkg-query") is None:
        return packages
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    said = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in said.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def way(*, root: bool, apt: bool, somebody: bool) -> str:
    """What to do about missing packages."""
    if not root or not apt:
        return SAY
    return ASK if somebody else INSTALL


def somebody_is_there() -> bool:
    """Whether a user can answer: both ends are terminals, and no CI."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def decide(packages: list[str]) -> tuple[bool, str]:
    """Whether to install them, and the message if not."""
    command = "apt-get install " + " ".join(packages)
    apt = shutil.which("apt-get") is not None
    advice = f"to offer virtual machines on this machine: {command}"
    if not apt:
        advice = "to offer virtual machines on this machine, install what these Debian packages hold: " + " ".join(
            packages
        )
    chosen = way(root=os.geteuid() == 0, apt=apt, somebody=somebody_is_there())
    if chosen == INSTALL:
        return True, ""
    declined = " ".join(packages)
    if chosen == ASK and not stamps.is_current("declined-packages", declined):
        answer = input(f"  Virtual machines need system packages: {' '.join(packages)}\n  Install them now? [Y/n] ")
        if answer.strip().lower() in ("", "y", "yes"):
            return True, ""
        stamps.mark("declined-packages", declined)
    return False, advice


def install(packages: list[str]) -> None:
    """Raises BuildFailed."""
    arguments = ("install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages)
    try:
        run("packages", "apt-get", *arguments, DEBIAN_FRONTEND="noninteractive")
    except BuildFailed:
        # the package lists may be missing or old
        run("packages", "apt-get", "update", DEBIAN_FRONTEND="noninteractive")
        run("packages", "apt-get", *arguments, DEBIAN_FRONTEND="noninteractive")
