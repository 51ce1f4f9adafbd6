"""What the machine can do for renters, as it was tried."""

from __future__ import annotations

from typing import NamedTuple

from sharemtc.wire import Accelerator, Capability, CapabilityName, Gpu, clean_text
from sharemtc_agent.sensors import system
from sharemtc_agent.sensors.cluster import find_cluster
from sharemtc_agent.sensors.containers import Engine, find_engine
from sharemtc_agent.sensors.guard import guarded

LINUX_ONLY = "Linux only"


class Engines(NamedTuple):
    """What could run more than guests: a container engine and a Kubernetes cluster, each as it answered."""

    containers: Engine
    cluster: Engine


def find_engines() -> Engines:
    """Ask both. Takes seconds where one does not answer."""

    def missing(reason: str) -> Engine:
        return Engine(available=False, detail=f"not available: {reason}")

    return Engines(
        guarded("containers", find_engine, missing),
        guarded("cluster", find_cluster, missing),
    )


def capabilities(
    accelerator: Accelerator | None, accelerator_note: str, engines: Engines, gpus: tuple[Gpu, ...], gpu_note: str
) -> tuple[Capability, ...]:
    """One entry for each capability, available or not, each with its reason."""
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
            detail=clean_text("; ".join(filter(None, (f"{len(whole)} whole" if whole else "", gpu_note)))),
        ),
        # the runtime gives guests user networking with `restrict=on`
        Capability(name=CapabilityName.EGRESS, available=False, detail="guests are shut off from the network"),
    )
