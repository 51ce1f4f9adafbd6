"""What the machine can do for renters, as it was tried."""

from __future__ import annotations

from sharemtc.wire import Accelerator, Capability, CapabilityName, Gpu
from sharemtc_agent.sensors import system
from sharemtc_agent.sensors.containers import Engine

LINUX_ONLY = "Linux only"


def capabilities(
    accelerator: Accelerator | None, accelerator_note: str, engine: Engine, gpus: tuple[Gpu, ...], gpu_note: str
) -> tuple[Capability, ...]:
    """One entry for each capability, available or not, each with its reason."""
    linux = system.platform_name() == "linux"
    whole = [gpu for gpu in gpus if not gpu.mig]
    return (
        Capability(
            name=CapabilityName.VM,
            available=linux and accelerator is not None,
            detail=accelerator_note if linux else LINUX_ONLY,
        ),
        Capability(name=CapabilityName.CONTAINER, available=engine.available, detail=engine.detail),
        Capability(
            name=CapabilityName.GPU,
            available=bool(whole),
            detail="; ".join(filter(None, (f"{len(whole)} whole" if whole else "", gpu_note)))[:200],
        ),
        # the runtime gives guests user networking with `restrict=on`
        Capability(name=CapabilityName.EGRESS, available=False, detail="guests are shut off from the network"),
    )
