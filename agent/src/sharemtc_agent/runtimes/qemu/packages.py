"""The host packages that VMs need, and how to install missing ones on each distribution."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sharemtc_agent.runtimes.tools import find_tool

BOOT, MODULES = Path("/boot"), Path("/lib/modules")
PROGRAMS = ("qemu-system-x86_64", "busybox", "dropbear", "dropbearkey", "genisoimage", "cpio", "modprobe", "mke2fs")
# decompresses kernel modules, as on Ubuntu from 24.04
UNPACKER = "zstd"
_KERNEL = "kernel"
_DEBIAN = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "dropbear": "dropbear-bin",
    "dropbearkey": "dropbear-bin",
    "genisoimage": "genisoimage",
    "cpio": "cpio",
    "modprobe": "kmod",
    "mke2fs": "e2fsprogs",
    UNPACKER: "zstd",
    _KERNEL: "linux-image-cloud-amd64",
}
_UBUNTU = {**_DEBIAN, _KERNEL: "linux-image-virtual"}
_FEDORA = {
    **_DEBIAN,
    "qemu-system-x86_64": "qemu-system-x86-core",
    "busybox": "busybox",
    "dropbear": "dropbear",
    "dropbearkey": "dropbear",
    _KERNEL: "kernel-core",
}
# by ID in os-release; relatives of Debian have its packages, those of Fedora may not
_INSTALLERS = {
    "debian": ("apt-get install -y", _DEBIAN),
    "ubuntu": ("apt-get install -y", _UBUNTU),
    "fedora": ("dnf install -y", _FEDORA),
}


@dataclass(frozen=True)
class Kernel:
    """A host kernel with its modules."""

    version: str
    path: Path


def newest_kernel(boot: Path = BOOT, modules: Path = MODULES) -> Kernel | None:
    """The newest readable kernel with modules, cloud kernels first."""
    found = [
        ("cloud" in each.version, tuple(int(n) for n in re.findall(r"\d+", each.version)), each)
        for each in _kernels(boot, modules)
        if os.access(each.path, os.R_OK)
    ]
    return max(found, key=lambda item: item[:2])[2] if found else None


def _kernels(boot: Path, modules: Path) -> list[Kernel]:
    kernels = [Kernel(path.name.removeprefix("vmlinuz-"), path) for path in boot.glob("vmlinuz-*")]
    return [each for each in kernels if (modules / each.version / "modules.dep").is_file()]


def advice(boot: Path = BOOT, modules: Path = MODULES) -> str:
    """The command that installs what VMs need; empty if nothing is missing."""
    kernel = newest_kernel(boot, modules)
    missing = [program for program in PROGRAMS if find_tool(program) is None]
    if kernel is not None and _packs_by_zstd(kernel, modules) and find_tool(UNPACKER) is None:
        missing.append(UNPACKER)
    unreadable = [] if kernel is not None else _kernels(boot, modules)
    if kernel is None and not unreadable:
        missing.append(_KERNEL)
    steps = [_install(missing, _os_release())] if missing else []
    if unreadable:  # as Ubuntu installs them
        steps.append(f"chmod a+r {unreadable[-1].path} (the agent's user cannot read it)")
    return "; ".join(steps)


def _packs_by_zstd(kernel: Kernel, modules: Path) -> bool:
    return b".ko.zst:" in (modules / kernel.version / "modules.dep").read_bytes()


def _install(missing: list[str], release: Mapping[str, str]) -> str:
    own, *like = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    known = [_INSTALLERS[each] for each in (own, *(each for each in like if each != "fedora")) if each in _INSTALLERS]
    if known:
        command, names = known[0]
        return f"{command} {' '.join(sorted({names[each] for each in missing}))}"
    programs = " ".join(each for each in missing if each != _KERNEL)
    kernel = "a Linux kernel in /boot with its modules in /lib/modules" if _KERNEL in missing else ""
    return "install " + " and ".join(filter(None, (programs, kernel)))


def _os_release() -> Mapping[str, str]:
    try:
        return platform.freedesktop_os_release()
    except (OSError, ValueError):
        return {}
