"""The `tiny` guest image: a kernel and an initramfs of busybox and dropbear, built from the host's packages.

Cached under a digest of its inputs, so a package upgrade builds a new image.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import platform
import re
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path

from sharemtc_agent.runtimes.qemu.packages import UNPACKER, Kernel, advice, newest_kernel
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import find_tool, run_tool

IMAGE = "tiny"
_GUEST_FOLDERS = (
    "bin",
    "dev",
    "etc/dropbear",
    "home",
    "mnt",
    "proc",
    "root/.ssh",
    "run",
    "sys",
    "tmp",
    "usr",
    "var/log",
)
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio_rng", "ext4", "isofs", "evdev", "button")


@dataclass(frozen=True)
class Image:
    """A bootable image. `tcg_buffer_mib` caps TCG's translation buffer; this guest's code fits."""

    name: str
    digest: str
    kernel: Path
    initrd: Path
    tcg_buffer_mib: int = 32


async def ensure_tiny(folder: Path) -> Image:
    """Builds the `tiny` image in `folder` if its inputs changed.

    Errors: `RuntimeFailure` `packages_missing` with the command to run, `host_unsupported`, or that of the failed tool.
    """
    if platform.machine() != "x86_64":
        raise RuntimeFailure("host_unsupported", f"VMs need an x86-64 host, this is {platform.machine()}")
    kernel, missing = newest_kernel(), advice()
    if missing or kernel is None:
        raise RuntimeFailure("packages_missing", missing or "no kernel was found")
    modules = await _module_files(kernel)
    programs = tuple(Path(find_tool(name) or name) for name in ("dropbear", "dropbearkey"))
    libraries = await _libraries(programs)
    busybox = Path(find_tool("busybox") or "busybox")
    digest = _digest((kernel.path, busybox, *programs, *libraries, *modules))
    target = folder / digest
    image = Image(IMAGE, digest, target / "vmlinuz", target / "initrd")
    if image.kernel.is_file() and image.initrd.is_file():
        return image
    draft = folder / f".{digest}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        root = draft / "root"
        _lay_out(root, busybox, programs, libraries, modules)
        await _pack(root, draft / "initrd")
        shutil.rmtree(root)
        shutil.copyfile(kernel.path, draft / "vmlinuz")
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _remove_old(folder, target)
    return image


def _remove_old(folder: Path, current: Path) -> None:
    for old in folder.iterdir():
        drafting = old.name.startswith(".") and Path("/proc", old.suffix.lstrip(".")).exists()
        if old != current and not drafting:
            shutil.rmtree(old, ignore_errors=True)


def _guest_files() -> dict[str, bytes]:
    folder = package_files("sharemtc_agent.runtimes.qemu.tiny")
    names = ("init", "inittab", "rc.boot", "rc.shutdown", "udhcpc.script")
    return {name: folder.joinpath(name).read_bytes() for name in names}


def _digest(inputs: tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for path in inputs:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        total.update(path.name.encode() + b"\0" + content)
    for name, content in sorted(_guest_files().items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()[:32]


async def _module_files(kernel: Kernel) -> tuple[Path, ...]:
    """The module files in load order; built-in modules have none."""
    ordered: dict[Path, None] = {}
    for module in MODULES:
        output = await run_tool(["modprobe", "-S", kernel.version, "--show-depends", module], limit_s=10)
        for line in output.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "insmod":
                ordered[Path(rest.split()[0])] = None
    return tuple(ordered)


async def _libraries(programs: tuple[Path, ...]) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for program in programs:
        for line in (await run_tool(["ldd", str(program)], limit_s=10)).splitlines():
            match = re.search(r"(/\S+) \(0x", line)
            if match:
                found[Path(match.group(1))] = None
    return tuple(found)


def _lay_out(
    root: Path, busybox: Path, programs: tuple[Path, ...], libraries: tuple[Path, ...], modules: tuple[Path, ...]
) -> None:
    """Writes the initramfs tree: /init with its modules, and the guest's root file system under /image."""
    guest, image = _guest_files(), root / "image"
    for folder in ("bin", "modules"):
        (root / folder).mkdir(parents=True)
    for place in _GUEST_FOLDERS:
        (image / place).mkdir(parents=True)
    for link in ("sbin", "usr/bin", "usr/sbin"):
        (image / link).symlink_to("/bin")
    (image / "var/run").symlink_to("/run")
    for programs_folder in (root / "bin", image / "bin"):
        shutil.copyfile(busybox, programs_folder / "busybox")
        (programs_folder / "busybox").chmod(0o755)
    (root / "init").write_bytes(guest.pop("init"))
    (root / "init").chmod(0o755)
    for name, content in guest.items():
        (image / "etc" / name).write_bytes(content)
        (image / "etc" / name).chmod(0o755)
    for program in programs:
        shutil.copyfile(program, image / "bin" / program.name)
        (image / "bin" / program.name).chmod(0o755)
    for library in libraries:
        target = image / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library, target)
        target.chmod(0o755)
    (image / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (image / "etc/group").write_text("root:x:0:\n")
    (image / "etc/shells").write_text("/bin/sh\n")
    handler = image / "etc/acpi/PWRF/00000080"
    handler.parent.mkdir(parents=True)
    handler.write_text("#!/bin/sh\nexec /bin/poweroff\n")
    handler.chmod(0o755)
    for module in modules:
        (root / "modules" / _plain_name(module)).write_bytes(plain_module(module))
    (root / "modules/order").write_text("".join(f"{_plain_name(module)}\n" for module in modules))


def _plain_name(module: Path) -> str:
    return module.name.partition(".ko")[0] + ".ko"


def plain_module(module: Path) -> bytes:
    """A module's content, decompressed: the guest's insmod cannot load compressed modules.

    Errors: `RuntimeFailure`, `module_damaged` or `host_unsupported`.
    """
    try:
        return _unpacked(module)
    except (EOFError, ValueError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise RuntimeFailure("module_damaged", f"{module} cannot be decompressed: {error}") from None


def _unpacked(module: Path) -> bytes:
    raw = module.read_bytes()
    match module.suffix:
        case ".ko":
            return raw
        case ".xz":
            return lzma.decompress(raw)
        case ".gz":
            return gzip.decompress(raw)
        case ".zst":
            return _unzstd(raw)
        case other:
            raise RuntimeFailure("host_unsupported", f"kernel modules packed as {other} cannot be decompressed")


def _unzstd(raw: bytes) -> bytes:
    """Uses the zstd program: Python supports zstd from 3.14 on."""
    done = subprocess.run(
        [find_tool(UNPACKER) or UNPACKER, "-dcq"], input=raw, capture_output=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.decode(errors="replace").strip()[-200:])
    return done.stdout


async def _pack(root: Path, target: Path) -> None:
    """Packs the tree as an initramfs owned by root."""
    names = [".", *sorted(str(path.relative_to(root)) for path in root.rglob("*"))]
    cpio = find_tool("cpio") or "cpio"
    done = subprocess.run(
        [cpio, "-o", "-H", "newc", "--owner=+0:+0", "--reproducible", "--quiet"],
        cwd=root,
        input="\n".join(names).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeFailure(
            "tool_failed", f"cpio ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}"
        )
    target.write_bytes(gzip.compress(done.stdout, compresslevel=6, mtime=0))
