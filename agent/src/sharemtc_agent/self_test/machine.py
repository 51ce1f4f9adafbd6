"""Checks of the machine against what the agent needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sharemtc.wire import Gpu, Inventory, SelfTestCheck, Verdict
from sharemtc_agent.inventory import DISK_RESERVE_GIB
from sharemtc_agent.self_test.findings import finding, ok_if
from sharemtc_agent.sensors import disk
from sharemtc_agent.sensors.containers import Engine


def check_machine(state: Path, inventory: Inventory) -> tuple[SelfTestCheck, ...]:
    total, sell = inventory.total, inventory.sellable
    usage = disk.disk_usage(state)
    return (
        finding("system", Verdict.OK, f"{inventory.os}, kernel {inventory.kernel}, {inventory.arch}"),
        finding(
            "processor",
            ok_if(sell.vcpus > 0),
            f"{inventory.cpu_model}: {sell.vcpus} of {total.vcpus} vCPUs offered",
            value=sell.vcpus,
            unit="vCPU",
        ),
        finding(
            "memory",
            ok_if(sell.memory_mib > 0),
            f"{sell.memory_mib} of {total.memory_mib} MiB offered",
            value=sell.memory_mib,
            unit="MiB",
        ),
        finding(
            "disk_space",
            ok_if(sell.disk_gib > 0),
            f"{sell.disk_gib} GiB offered; {usage.free_gib} of {usage.total_gib} GiB free at {state}, "
            f"{DISK_RESERVE_GIB} GiB reserved for the host",
            value=sell.disk_gib,
            unit="GiB",
        ),
    )


def check_guests(inventory: Inventory, missing: str) -> tuple[SelfTestCheck, ...]:
    """Tools and virtualisation; `missing` says how to install what is missing. Other systems than Linux only warn."""
    if inventory.platform != "linux":
        return (finding("virtualisation", Verdict.WARN, "Linux only: this machine is monitored and offers nothing"),)
    accelerator = inventory.accelerator
    return (
        finding("tools", ok_if(not missing), missing or "all installed"),
        finding(
            "virtualisation",
            ok_if(accelerator is not None),
            f"{accelerator or 'none'}: {inventory.accelerator_note}",
        ),
    )


def check_containers(engine: Engine) -> SelfTestCheck:
    """No engine is only a warning: VMs need none."""
    return finding("container_engine", Verdict.OK if engine.available else Verdict.WARN, engine.detail)


def check_gpus(inventory: Inventory) -> SelfTestCheck:
    """No GPU is fine; a GPU that does not respond is a failure."""
    named = ", ".join(f"{gpu.model} {_memory(gpu)}{' (MIG)' if gpu.mig else ''}" for gpu in inventory.gpus)
    troubled = any(f"GPU {index}: " in inventory.gpu_note for index in range(64))
    noted = inventory.gpu_note and (inventory.gpus or not inventory.gpus_known)
    verdict = Verdict.FAIL if troubled else Verdict.WARN if noted else Verdict.OK
    detail = "; ".join(filter(None, (named or "none", inventory.gpu_note)))
    return finding("gpus", verdict, detail, value=len(inventory.gpus), unit="GPU")


def _memory(gpu: Gpu) -> str:
    return f"{gpu.vram_mib} MiB" if gpu.vram_mib else "with unified memory"


def check_user() -> SelfTestCheck:
    if sys.platform == "win32":
        return finding("user", Verdict.OK, os.environ.get("USERNAME", "unknown"))
    if os.geteuid() == 0:
        return finding("user", Verdict.WARN, "the agent runs as root; VMs are sandboxed processes of root")
    return finding("user", Verdict.OK, f"user id {os.geteuid()}")
