"""The machine's capabilities, as tested."""

from __future__ import annotations

from typing import NamedTuple

from sharemtc.wire import Accelerator, Capability, CapabilityName, Gpu, clean_text
from sharemtc_agent.sensors import system
from sharemtc_agent.sensors.cluster import find_cluster
from sharemtc_agent.sensors.containers import Engine, find_engine
from sharemtc_agent.sensors.guard import guarded

LINUX_ONLY = "Linux only"


class Engines(NamedTuple):
    """A container engine and a Kubernetes cluster."""

    containers: Engine
    cluster: Engine


def find_engines() -> Engines:
    """Probes both. Takes seconds if one does not respond."""

    def missing(reason: str) -> Engine:
        return Engine(available=False, detail=f"not available: {reason}")

    return Engines(
        guarded("containers", find_engine, missing),
        guarded("cluster", find_cluster, missing),
    )


def capabilities(
    accelerator: Accelerator | None, accelerator_note: str, engines: Engines, gpus: tuple[Gpu, ...], gpu_note: str
) -> tuple[Capability, ...]:
    """One entry per capability, available or not, each with a reason."""
    linux = system.platform_name() == "linux"
    whole = [gpu for gpu in gpus if not gpu.mig]
    containers, cluster = engines.containers, engines.cluster
    return (
        Capability(
            name=CapabilityName.VM,
            available=linux and accelerator is not None,
            detail=clean_text(accelerator_note if linux else LINUX_ONLY),
        ),
        Capability(name=CapabilityName.CONTAINER, available=containers.available, detail=clean_text(containers.detail)),
        Capability(name=CapabilityName.KUBERNETES, available=cluster.available, detail=clean_text(cluster.detail)),
        Capability(
            name=CapabilityName.GPU,
            available=bool(whole),
            detail=clean_text("; ".join(filter(None, (f"{len(whole)} available" if whole else "", gpu_note)))),
        ),
        # QEMU runs with user networking and `restrict=on`
        Capability(name=CapabilityName.EGRESS, available=False, detail="VMs have no outbound network access"),
    )
