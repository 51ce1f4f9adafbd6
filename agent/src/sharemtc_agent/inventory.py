"""What this machine is and does, as the control plane is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sharemtc.wire import Capacity, Figures, Inventory, clean_text
from sharemtc_agent import __version__
from sharemtc_agent.config import Config, Sell
from sharemtc_agent.runtimes.runtime import Ability
from sharemtc_agent.sensors import cgroup, cpu, disk, gpu, memory, network, system
from sharemtc_agent.sensors.capabilities import Engines, capabilities
from sharemtc_agent.sensors.guard import guarded, nothing

DISK_RESERVE_GIB = 10
DISK_STEP_GIB, DISK_STEPS_FROM_GIB = 5, 20


def read_inventory(config: Config, state: Path, vms: Ability, engines: Engines) -> Inventory:
    """What the machine is. Free disk counts what the workloads' own disks take as theirs, so it does not shrink.

    `vms` says how virtual machines run here; `engines` is what was found of containers and clusters. Only what
    is sold (processors, memory, disk) must be readable: nothing can be said in its place.
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
        # firmware, drivers and distributions put anything into these
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
    """What is offered: as the provider says but never more than there is, or all but a reserve for the machine.

    The reserve is max(1 GiB, 10 %) of memory and 10 GiB of disk. Disk is offered in steps of 5 GiB where there is room,
    so that what the machine itself writes does not change the offer all the time.
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
    """What the machine is doing now; the CPUs since `meter` was last read."""
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
    """What the sparse disks of workloads really take."""
    return sum(_taken_bytes(file) for file in (state / "vms").glob("*/disk.raw"))


def _taken_bytes(file: Path) -> int:
    try:
        return file.stat().st_blocks * 512
    except OSError:  # deleted meanwhile
        return 0
