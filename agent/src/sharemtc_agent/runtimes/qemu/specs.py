"""Which VMs this host can create."""

from __future__ import annotations

from sharemtc.wire import LARGEST_VM, VmSpec
from sharemtc_agent.runtimes.qemu.machine import Hypervisor
from sharemtc_agent.runtimes.runtime import RuntimeFailure

MIN_MEMORY_MIB = 96


def check_spec(spec: VmSpec, host: Hypervisor) -> None:
    """Errors: `RuntimeFailure` `spec_refused` naming the field."""
    if spec.image != host.image.name:
        raise RuntimeFailure("spec_refused", f"image: this host has {host.image.name}, not {spec.image[:64]}")
    for name, least in (("vcpus", 1), ("memory_mib", MIN_MEMORY_MIB), ("disk_gib", 1)):
        most = getattr(LARGEST_VM, name)
        if not least <= getattr(spec, name) <= most:
            raise RuntimeFailure("spec_refused", f"{name}: {least} to {most}")
