"""Tests whether VMs boot here, by booting one.

An accessible /dev/kvm proves nothing: in some sandboxes its guests never execute.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sharemtc.wire import Accelerator, clean_text
from sharemtc_agent.files import write_whole
from sharemtc_agent.runtimes.qemu.images import Image, ensure_tiny
from sharemtc_agent.runtimes.qemu.machine import Hypervisor, accelerator_arguments
from sharemtc_agent.runtimes.qemu.packages import advice
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import find_tool, printable_tail, run_tool

PROBE_LIMITS_S = {Accelerator.KVM: 10.0, Accelerator.TCG: 60.0}
_PROVEN = b"sharemtc-probe-ok"

log = logging.getLogger(__name__)


class Probe(BaseModel):
    """The result, and the kernel, QEMU and image it is valid for."""

    model_config = ConfigDict(frozen=True)

    conditions: tuple[str, ...]
    accelerator: Accelerator | None
    note: str


async def probe_hypervisor(state: Path, listen_address: str, *, afresh: bool = False) -> tuple[Hypervisor | None, str]:
    """How VMs run here, and a note for the owner; None if they cannot, the note saying what to do.

    The last result is reused while kernel, QEMU and image are the same, unless `afresh`.
    """
    try:
        return await _probe(state, listen_address, afresh=afresh)
    except Exception as error:  # the agent runs even where VMs cannot
        if not isinstance(error, RuntimeFailure | OSError):
            log.exception("the boot test failed")
        return None, _cannot(error)


async def _probe(state: Path, listen_address: str, *, afresh: bool) -> tuple[Hypervisor | None, str]:
    image = await ensure_tiny(state / "images" / "tiny")
    qemu = find_tool("qemu-system-x86_64")
    if qemu is None:
        return None, advice()[:200]
    found = await _cached(state / "probe.json", qemu, image, afresh=afresh)
    if found.accelerator is None:
        return None, found.note
    return Hypervisor(qemu, found.accelerator, image, listen_address), found.note


def _cannot(error: Exception) -> str:
    if isinstance(error, RuntimeFailure) and error.code == "packages_missing":
        return clean_text(error.detail)
    return clean_text(f"the boot test failed: {error}")


async def _cached(file: Path, qemu: str, image: Image, *, afresh: bool) -> Probe:
    version = (await run_tool([qemu, "--version"], limit_s=20)).partition("\n")[0]
    device = "/dev/kvm" if os.access("/dev/kvm", os.R_OK | os.W_OK) else "no kvm"
    conditions = (platform.release(), version, image.digest, device)
    try:
        known = Probe.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        known = None
    if not afresh and known is not None and known.conditions == conditions and known.accelerator is not None:
        return known
    log.info("booting a test VM")
    found = Probe(conditions=conditions, **await _boot_probes(qemu, image, has_kvm=device == "/dev/kvm"))
    write_whole(file, found.model_dump_json(indent=1).encode())
    return found


async def _boot_probes(qemu: str, image: Image, *, has_kvm: bool) -> dict[str, object]:
    candidates = [Accelerator.KVM, Accelerator.TCG] if has_kvm else [Accelerator.TCG]
    results = await asyncio.gather(*(asyncio.to_thread(_boots, qemu, image, each) for each in candidates))
    errors = dict(zip(candidates, results, strict=True))
    if errors.get(Accelerator.KVM) == "":
        return {"accelerator": Accelerator.KVM, "note": "a test VM booted with hardware virtualisation (KVM)"}
    why = f"KVM: {errors[Accelerator.KVM]}" if has_kvm else "no usable /dev/kvm"
    if errors[Accelerator.TCG] == "":
        return {"accelerator": Accelerator.TCG, "note": f"software emulation (TCG), {why}"[:200]}
    return {
        "accelerator": None,
        "note": f"VMs do not boot on this machine ({why}; TCG: {errors[Accelerator.TCG]})"[:200],
    }


def _boots(qemu: str, image: Image, accelerator: Accelerator) -> str:
    """Boots the image to its first line. Empty on success, else the reason."""
    limit_s = PROBE_LIMITS_S[accelerator]
    argv = [
        qemu, *accelerator_arguments(accelerator, image), "-machine", "q35", "-m", "128", "-nodefaults",
        "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio", "-monitor", "none",
        "-kernel", str(image.kernel), "-initrd", str(image.initrd),
        "-append", "console=ttyS0 quiet panic=-1 sharemtc.probe",
    ]  # fmt: skip
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired as expired:
        return "" if _PROVEN in (expired.stdout or b"") else f"a test VM did not boot within {limit_s:g} s"
    if _PROVEN in done.stdout:
        return ""
    output = printable_tail(done.stderr or done.stdout, limit=80).replace("\n", " ")
    return output or f"QEMU exited with {done.returncode}"
