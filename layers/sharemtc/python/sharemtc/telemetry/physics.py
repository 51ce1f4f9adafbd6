"""What cannot be true of a machine: figures beyond what it has, of things that are not its own, of another time."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sharemtc.parsing import MAX_ERRORS
from sharemtc.problems import FieldError, Invalid
from sharemtc.telemetry.kinds import GPU_METRICS, RAW_KEPT, ResourceType, type_of
from sharemtc.wire import Inventory, MetricType, TelemetryBatch

EARLY: Final = timedelta(seconds=30)
# a counter read a little late shows more in its second than the link can carry
LINK_SLACK: Final = 1.2
_BYTES_PER_S_OF_A_MBIT: Final = 125_000
_ABSOLUTE: Final[dict[MetricType, tuple[float, float]]] = {
    MetricType.CPU_USED_PERCENT: (0, 100),
    MetricType.LOAD_1M: (0, 100_000),
    MetricType.DISK_READ_BYTES_PER_S: (0, 1e12),
    MetricType.DISK_WRITE_BYTES_PER_S: (0, 1e12),
    MetricType.NETWORK_RX_BYTES_PER_S: (0, 1.5e12),
    MetricType.NETWORK_TX_BYTES_PER_S: (0, 1.5e12),
    MetricType.GPU_USED_PERCENT: (0, 100),
    MetricType.GPU_TEMPERATURE_C: (-20, 130),
    MetricType.GPU_POWER_W: (0, 2000),
    MetricType.GPU_PROCESSES: (0, 100_000),
}
_NETWORK: Final = frozenset({MetricType.NETWORK_RX_BYTES_PER_S, MetricType.NETWORK_TX_BYTES_PER_S})


@dataclass(frozen=True)
class Machine:
    """What a host is, as far as its figures are judged by it; `vm_ids` are the machines that it runs or ran."""

    host_id: str
    inventory: Inventory
    vm_ids: Container[str]

    def owns(self, resource_id: str) -> bool:
        """Whether figures of that resource are this host's to tell."""
        kind = type_of(resource_id)
        if kind is ResourceType.HOST:
            return resource_id == self.host_id
        if kind is ResourceType.GPU:
            return any(gpu.uuid == resource_id for gpu in self.inventory.gpus)
        return kind is ResourceType.VM and resource_id in self.vm_ids

    def bounds(self, resource_id: str, metric: MetricType) -> tuple[float, float] | None:
        """The least and the most that the metric can be there; None when that resource has no such metric."""
        kind = type_of(resource_id)
        if (kind is ResourceType.GPU) != (metric in GPU_METRICS):
            return None
        if metric is MetricType.GPU_MEMORY_USED_MIB:
            return 0, next(gpu.vram_mib for gpu in self.inventory.gpus if gpu.uuid == resource_id)
        # totals are whole units, cut off: what is used may lie up to one above
        if metric is MetricType.MEMORY_USED_MIB:
            return 0, self.inventory.total.memory_mib + 1
        if metric is MetricType.DISK_USED_GIB:
            return 0, self.inventory.total.disk_gib + 1
        link_mbps = self.inventory.network_mbps
        # what machines on one host send each other never sees the link
        if metric in _NETWORK and kind is ResourceType.HOST and link_mbps is not None:
            return 0, link_mbps * _BYTES_PER_S_OF_A_MBIT * LINK_SLACK
        return _ABSOLUTE[metric]


def check(batch: TelemetryBatch, machine: Machine, now: datetime) -> None:
    """Errors: `Invalid` naming what cannot be true, `MAX_ERRORS` things at most."""
    wrong: list[FieldError] = []
    for error in _wrong(batch, machine, now):
        wrong.append(error)
        if len(wrong) == MAX_ERRORS:
            break
    if wrong:
        raise Invalid(errors=tuple(wrong))


def _wrong(batch: TelemetryBatch, machine: Machine, now: datetime) -> Iterator[FieldError]:
    window = now - RAW_KEPT, now + EARLY
    yield from _wrong_points(batch, machine, window)
    for index, report in enumerate(batch.health_checks):
        if not machine.owns(report.resource_id):
            yield _unknown(f"/health_checks/{index}/resource_id")
        if not window[0] <= report.checked_at <= window[1]:
            yield _untimely(f"/health_checks/{index}/checked_at")
    for index, line in enumerate(batch.logs):
        if not window[0] <= line.at <= window[1]:
            yield _untimely(f"/logs/{index}/at")


def _wrong_points(batch: TelemetryBatch, machine: Machine, window: tuple[datetime, datetime]) -> Iterator[FieldError]:
    earliest, latest = window
    timely: set[datetime] = set()  # many points are of one instant
    known: dict[tuple[str, MetricType], tuple[float, float] | FieldError] = {}
    for index, point in enumerate(batch.metrics):
        pair = point.resource_id, point.metric_type
        bounds = known.get(pair)
        if bounds is None:
            bounds = known[pair] = _bounds_or_error(machine, *pair)
        if isinstance(bounds, FieldError):
            yield FieldError(f"/metrics/{index}/{bounds.pointer}", bounds.code, bounds.message)
        elif not bounds[0] <= point.value <= bounds[1]:
            message = f"Give a value from {bounds[0]:g} to {bounds[1]:g}: more or less cannot be true here."
            yield FieldError(f"/metrics/{index}/value", "impossible", message)
        at = point.captured_at
        if at in timely:
            continue
        if earliest <= at <= latest:
            timely.add(at)
        else:
            yield _untimely(f"/metrics/{index}/captured_at")


def _bounds_or_error(machine: Machine, resource_id: str, metric: MetricType) -> tuple[float, float] | FieldError:
    if not machine.owns(resource_id):
        return _unknown("resource_id")
    message = "This kind of resource has no such metric."
    return machine.bounds(resource_id, metric) or FieldError("metric_type", "not_of_this_resource", message)


def _unknown(pointer: str) -> FieldError:
    return FieldError(pointer, "unknown_resource", "This is not the host, in it or on it.")


def _untimely(pointer: str) -> FieldError:
    return FieldError(pointer, "untimely", "This is older than 48 hours, or has not come yet.")
