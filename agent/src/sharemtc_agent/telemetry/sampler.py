"""One sample: measurements of the host, its VMs and its GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sharemtc.wire import MetricPoint, MetricType
from sharemtc_agent.sensors import cgroup, cpu, disk, gpu, network
from sharemtc_agent.sensors import memory as main_memory
from sharemtc_agent.sensors.gpu import GpuState
from sharemtc_agent.sensors.guard import guarded, nothing
from sharemtc_agent.sensors.rates import Rates
from sharemtc_agent.sensors.workload import WorkloadUse

Values = Iterator[tuple[MetricType, float | None]]


class Sampler:
    """Remembers the counters of the last sample. Values that a sensor cannot read are left out."""

    def __init__(self, host_id: str, state: Path) -> None:
        self._host_id = host_id
        self._state = state
        self._meter = cpu.CpuMeter()
        self._rates = Rates()
        self.gpus = GpuState()

    def sample(self, at: datetime, uses: Mapping[str, tuple[int, WorkloadUse]]) -> tuple[MetricPoint, ...]:
        """Points taken at `at`; `uses` holds the vCPUs and use of each VM. Sets `gpus`."""
        self.gpus = guarded("GPUs", gpu.read_gpus, lambda reason: GpuState(trouble=f"not available: {reason}"))
        found = [(self._host_id, *each) for each in self._host()]
        for workload_id, (vcpus, use) in uses.items():
            found += [(workload_id, *each) for each in self._guest(workload_id, vcpus, use)]
        for reading in self.gpus.readings:
            found += [(reading.uuid, *each) for each in _gpu(reading)]
        self._rates.forget(lambda name: "/" not in name or name.partition("/")[0] in uses)
        return tuple(
            MetricPoint(resource_id=resource, metric_type=metric, value=round(value, 3), captured_at=at)
            for resource, metric, value in found
            if value is not None
        )

    def _host(self) -> Values:
        yield MetricType.CPU_USED_PERCENT, guarded("processors", self._meter.used_percent, nothing)
        yield MetricType.LOAD_1M, guarded("load", cpu.load_1m, nothing)
        yield MetricType.MEMORY_USED_MIB, guarded("memory", self._memory_used_mib, nothing)
        yield MetricType.DISK_USED_GIB, guarded("disk", lambda: disk.disk_usage(self._state).used_gib, nothing)
        disks = guarded("disk traffic", disk.disk_traffic, nothing)
        if disks is not None:
            yield MetricType.DISK_READ_BYTES_PER_S, self._rates.per_s("read", disks.read_bytes)
            yield MetricType.DISK_WRITE_BYTES_PER_S, self._rates.per_s("write", disks.written_bytes)
        traffic = guarded("network traffic", network.network_traffic, nothing)
        if traffic is not None:
            yield MetricType.NETWORK_RX_BYTES_PER_S, self._rates.per_s("rx", traffic.rx_bytes)
            yield MetricType.NETWORK_TX_BYTES_PER_S, self._rates.per_s("tx", traffic.tx_bytes)

    @staticmethod
    def _memory_used_mib() -> int:
        return main_memory.memory_used_mib(cgroup.read_limits())

    def _guest(self, workload_id: str, vcpus: int, use: WorkloadUse) -> Values:
        """Counters are per process: they restart with the VM's next process."""
        name = f"{workload_id}/{use.pid}"
        cores = self._rates.per_s(f"{name}/cpu", use.cpu_s)
        if cores is not None:  # of its vCPUs; QEMU's own work may exceed 100 %
            yield MetricType.CPU_USED_PERCENT, min(100.0, 100.0 * cores / max(1, vcpus))
        yield MetricType.MEMORY_USED_MIB, use.memory_mib
        yield MetricType.DISK_USED_GIB, use.disk_gib
        if use.read_bytes is not None and use.written_bytes is not None:
            yield MetricType.DISK_READ_BYTES_PER_S, self._rates.per_s(f"{name}/read", use.read_bytes)
            yield MetricType.DISK_WRITE_BYTES_PER_S, self._rates.per_s(f"{name}/write", use.written_bytes)


def _gpu(reading: gpu.GpuReading) -> Values:
    yield MetricType.GPU_USED_PERCENT, reading.used_percent
    yield MetricType.GPU_MEMORY_USED_MIB, reading.memory_used_mib
    yield MetricType.GPU_TEMPERATURE_C, reading.temperature_c
    yield MetricType.GPU_POWER_W, reading.power_w
    yield MetricType.GPU_PROCESSES, reading.processes
