"""The inventory and figures that a host reports to the control plane."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sharemtc.wire import Capacity, Figures, Inventory, clean_text
from sharemtc_agent import __version__
from sharemtc_agent.config import Config, Sell
from sharemtc_agent.runtimes.runtime import ProbeResult
from sharemtc_agent.sensors import cgroup, cpu, disk, gpu, memory, network, system
from sharemtc_agent.sensors.capabilities import Engines, capabilities
from sharemtc_agent.sensors.guard import guarded, nothing

DISK_RESERVE_GIB = 10
DISK_STEP_GIB, DISK_STEPS_FROM_GIB = 5, 20


def read_inventory(config: Config, state: Path, vms: ProbeResult, engines: Engines) -> Inventory:
    """What the machine has. Disk used by workloads' own disks counts as free, so that the offer does not shrink.

    Only what is sold (processors, memory, disk) must be readable; other sensors may fail.
    """

    def unknown(_: str) -> str:
        return "unknown"

    limits = guarded("limits", cgroup.read_limits, lambda _: cgroup.Limits(cpus=None, memory_bytes=None))
    usage = disk.disk_usage(state)
    total = Capacity(
        vcpus=cpu.usable_vcpus(limits), memory_mib=memory.total_memory_mib(limits), disk_gib=usage.total_gib
    )
    free_gib = min(total.disk_gib, (usage.free_bytes + _workload_disk_bytes(state)) >> 30)
    gpus = guarded("GPUs", gpu.find_gpus, lambda reason: gpu.FoundGpus(note=f"not available: {reason}", known=False))
    return Inventory(
        name=config.name,
        agent_version=__version__,
        # firmware, drivers and distributions may return control characters
        os=clean_text(guarded("system", system.os_name, unknown)),
        kernel=clean_text(guarded("kernel", system.kernel_release, unknown)),
        cpu_model=clean_text(guarded("processor", cpu.cpu_model, unknown)),
        total=total,
        sellable=sellable(total, free_gib, config.sell),
        gpus=gpus.gpus,
        gpus_known=gpus.known,
        gpu_note=clean_text(gpus.note),
        accelerator=vms.accelerator,
        accelerator_note=clean_text(vms.note),
        images=vms.images,
        connect_address=config.connect_address,
        region=config.region,
        platform=system.platform_name(),
        arch=clean_text(system.arch()),
        network_mbps=guarded("network", network.network_mbps, nothing),
        links_mbps=guarded("network links", network.links_mbps, nothing),
        capabilities=capabilities(vms.accelerator, vms.note, engines, gpus.gpus, gpus.note),
    )


def sellable(total: Capacity, free_disk_gib: int, sell: Sell) -> Capacity:
    """The configured offer, capped by what exists, or everything except a reserve for the host.

    The reserve is max(1 GiB, 10 %) of memory and 10 GiB of disk. From 20 GiB on, disk is offered in steps of 5 GiB, so
    that the host's own writes do not change the offer all the time.
    """
    spare_memory = max(0, total.memory_mib - max(1024, total.memory_mib // 10))
    spare_disk = max(0, free_disk_gib - DISK_RESERVE_GIB)
    if spare_disk >= DISK_STEPS_FROM_GIB:
        spare_disk -= spare_disk % DISK_STEP_GIB
    return Capacity(
        vcpus=total.vcpus if sell.vcpus is None else min(sell.vcpus, total.vcpus),
        memory_mib=spare_memory if sell.memory_mib is None else min(sell.memory_mib, total.memory_mib),
        disk_gib=spare_disk if sell.disk_gib is None else min(sell.disk_gib, total.disk_gib),
    )


def read_figures(state: Path, meter: cpu.CpuMeter) -> Figures:
    """The current figures; CPU use is since `meter` was last read."""
    traffic = network.network_traffic()
    return Figures(
        captured_at=datetime.now(UTC),
        cpu_used_percent=meter.used_percent(),
        load_1m=cpu.load_1m(),
        memory_used_mib=memory.memory_used_mib(cgroup.read_limits()),
        disk_used_gib=disk.disk_usage(state).used_gib,
        network_rx_bytes=traffic.rx_bytes,
        network_tx_bytes=traffic.tx_bytes,
    )


def _workload_disk_bytes(state: Path) -> int:
    return sum(_allocated_bytes(file) for file in (state / "vms").glob("*/disk.raw"))


def _allocated_bytes(file: Path) -> int:
    try:
        return file.stat().st_blocks * 512
    except OSError:  # deleted meanwhile
        return 0
