"""The table of metrics: unit, measured resources, possible values, aggregation over resources."""

from __future__ import annotations

from typing import Final, NamedTuple

from sharemtc.telemetry.kinds import WORKLOADS, ResourceType
from sharemtc.wire import MetricType


class Metric(NamedTuple):
    """One row. Values outside `least` to `most` are impossible; values above `expected_max` are flagged.

    `is_mean`: averaged over several resources; all other metrics are summed.
    """

    unit: str
    kinds: frozenset[ResourceType]
    least: float
    most: float
    expected_max: float | None = None
    is_mean: bool = False


_GPU: Final = frozenset({ResourceType.GPU})
_REST: Final = WORKLOADS | {ResourceType.HOST}

METRICS: Final[dict[MetricType, Metric]] = {
    MetricType.CPU_USED_PERCENT: Metric("percent", _REST, 0, 100, is_mean=True),
    MetricType.LOAD_1M: Metric("", _REST, 0, 100_000, is_mean=True),
    MetricType.MEMORY_USED_MIB: Metric("mib", _REST, 0, 64 * 1024 * 1024),
    MetricType.DISK_USED_GIB: Metric("gib", _REST, 0, 4 * 1024 * 1024),
    MetricType.DISK_READ_BYTES_PER_S: Metric("bytes_per_s", _REST, 0, 1e12),
    MetricType.DISK_WRITE_BYTES_PER_S: Metric("bytes_per_s", _REST, 0, 1e12),
    MetricType.NETWORK_RX_BYTES_PER_S: Metric("bytes_per_s", _REST, 0, 1.5e12),
    MetricType.NETWORK_TX_BYTES_PER_S: Metric("bytes_per_s", _REST, 0, 1.5e12),
    MetricType.GPU_USED_PERCENT: Metric("percent", _GPU, 0, 100, is_mean=True),
    MetricType.GPU_MEMORY_USED_MIB: Metric("mib", _GPU, 0, 4 * 1024 * 1024),
    MetricType.GPU_TEMPERATURE_C: Metric("c", _GPU, -20, 130, is_mean=True),
    MetricType.GPU_POWER_W: Metric("w", _GPU, 0, 20_000, expected_max=2_000),
    MetricType.GPU_PROCESSES: Metric("", _GPU, 0, 100_000),
}
GPU_METRICS: Final = frozenset(metric for metric, row in METRICS.items() if row.kinds == _GPU)
MEANS: Final = frozenset(metric for metric, row in METRICS.items() if row.is_mean)
