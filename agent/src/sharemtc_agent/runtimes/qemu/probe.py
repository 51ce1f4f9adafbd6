"""Whether guests boot here, and how: told by booting one.

A /dev/kvm that opens, and even makes a machine, proves nothing: in some sandboxes its guests never execute.
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
    """What was found, and for which kernel, QEMU and image it holds."""

    model_config = ConfigDict(frozen=True)

    conditions: tuple[str, ...]
    accelerator: Accelerator | None
    note: str


async def probe_hypervisor(state: Path, listen_address: str, *, afresh: bool = False) -> tuple[Hypervisor | None, str]:
    """How guests run here, and a note for people; None where they cannot, the note saying what to do about it.

    What was found before holds while kernel, QEMU and image are the same, unless it is to be tried `afresh`.
    """
    try:
        return await _probe(state, listen_address, afresh=afresh)
    except Exception as error:  # whatever stands in the way of guests, the agent runs and says so
        if not isinstance(error, RuntimeFailure | OSError):
            log.exception("guests could not be tried")
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
    return clean_text(f"guests could not be tried: {error}")


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
    log.info("booting a guest to see how guests run here")
    found = Probe(conditions=conditions, **await _boot_probes(qemu, image, has_kvm=device == "/dev/kvm"))
    write_whole(file, found.model_dump_json(indent=1).encode())
    return found


async def _boot_probes(qemu: str, image: Image, *, has_kvm: bool) -> dict[str, object]:
    candidates = [Accelerator.KVM, Accelerator.TCG] if has_kvm else [Accelerator.TCG]
    results = await asyncio.gather(*(asyncio.to_thread(_boots, qemu, image, each) for each in candidates))
    said = dict(zip(candidates, results, strict=True))
    if said.get(Accelerator.KVM) == "":
        return {"accelerator": Accelerator.KVM, "note": "a guest booted with hardware virtualisation"}
    why = f"KVM: {said[Accelerator.KVM]}" if has_kvm else "no usable /dev/kvm"
    if said[Accelerator.TCG] == "":
        return {"accelerator": Accelerator.TCG, "note": f"guests run by translation ({why})"[:200]}
    return {"accelerator": None, "note": f"no guest boots here ({why}; TCG: {said[Accelerator.TCG]})"[:200]}


def _boots(qemu: str, image: Image, accelerator: Accelerator) -> str:
    """Boots the image to its first line. Empty if it came, else why not."""
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
        return "" if _PROVEN in (expired.stdout or b"") else f"a guest did not boot within {limit_s:g} s"
    if _PROVEN in done.stdout:
        return ""
    return printable_tail(done.stderr or done.stdout, limit=80).replace("\n", " ") or f"QEMU ended {done.returncode}"
