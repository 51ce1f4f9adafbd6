"""Looks at everything that the agent needs and says what was found, line by line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx

from sharemtc_agent.config import Config
from sharemtc_agent.inventory import DISK_RESERVE_GIB, read_inventory
from sharemtc_agent.runtimes.images import missing_packages
from sharemtc_agent.runtimes.probe import probe_hypervisor
from sharemtc_agent.sensors import disk
from sharemtc_agent.sensors.containers import find_engine


class Verdict(StrEnum):
    """`WARN` still lets the host sell something; `FAIL` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    verdict: Verdict
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.verdict:<5} {self.subject:<16} {self.detail}"


async def examine(state: Path, config: Config) -> list[Finding]:
    """All findings; guests are really booted."""
    missing = missing_packages()
    hypervisor, note = await probe_hypervisor(state, config.connect_address)
    inventory = read_inventory(config, state, hypervisor, note, find_engine())
    total, sell = inventory.total, inventory.sellable
    usage = disk.disk_usage(state)
    found = [
        Finding(Verdict.OK, "system", f"{inventory.os}, kernel {inventory.kernel}"),
        Finding(_if(sell.vcpus > 0), "processor", f"{inventory.cpu_model}: sells {sell.vcpus} of {total.vcpus} vCPUs"),
        Finding(_if(sell.memory_mib > 0), "memory", f"sells {sell.memory_mib} of {total.memory_mib} MiB"),
        Finding(
            _if(sell.disk_gib > 0),
            "disk",
            f"sells {sell.disk_gib} GiB; {usage.free_gib} of {usage.total_gib} GiB are free at {state}, "
            f"{DISK_RESERVE_GIB} GiB are kept back",
        ),
        Finding(
            _if(not missing), "tools", f"apt-get install -y {' '.join(missing)}" if missing else "all are installed"
        ),
        Finding(_if(hypervisor is not None), "virtualisation", f"{inventory.accelerator or 'none'}: {note}"),
    ]
    gpus = ", ".join(f"{gpu.model} {gpu.vram_mib} MiB" for gpu in inventory.gpus)
    noted = Verdict.WARN if inventory.gpus and inventory.gpu_note else Verdict.OK
    found.append(Finding(noted, "gpus", "; ".join(filter(None, (gpus or "none", inventory.gpu_note)))))
    if os.geteuid() == 0:
        found.append(Finding(Verdict.WARN, "user", "the agent runs as root; guests are sandboxed processes of root"))
    if config.url:
        found.append(await _control_plane(config.url))
    return found


def _if(condition: bool) -> Verdict:
    return Verdict.OK if condition else Verdict.FAIL


async def _control_plane(url: str) -> Finding:
    """Any answer counts: what it says about this host is the agent's matter."""
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"{url}/v1/health")
    except httpx.HTTPError as error:
        return Finding(Verdict.FAIL, "control plane", f"{url} does not answer: {type(error).__name__}")
    return Finding(Verdict.OK, "control plane", f"{url} answers ({answer.status_code})")
