"""Rejects impossible telemetry: impossible values, resources that are not the host's, times outside the window.

Values above the reported inventory can be true (usage of the whole machine beside a container's limit, bonded links).
They are kept and flagged.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sharemtc.http.parsing import MAX_ERRORS
from sharemtc.problems import FieldError, Invalid
from sharemtc.telemetry.kinds import RAW_KEPT, WORKLOADS, ResourceType, type_of
from sharemtc.telemetry.metrics import METRICS
from sharemtc.telemetry.versions import place_of
from sharemtc.wire import Inventory, MetricType, TelemetryBatch

EARLY: Final = timedelta(seconds=30)
# a counter that is read late shows more per second than the link's speed
LINK_SLACK: Final = 1.2
_BYTES_PER_S_OF_A_MBIT: Final = 125_000
_NETWORK: Final = frozenset({MetricType.NETWORK_RX_BYTES_PER_S, MetricType.NETWORK_TX_BYTES_PER_S})


@dataclass(frozen=True)
class Machine:
    """The properties of a host that its figures are checked against; `workload_ids` are those that it runs or ran."""

    host_id: str
    inventory: Inventory
    workload_ids: Container[str]

    def owns(self, resource_id: str) -> bool:
        """Whether this host may report figures of the resource."""
        kind = type_of(resource_id)
        if kind is ResourceType.HOST:
            return resource_id == self.host_id
        if kind is ResourceType.GPU:
            return any(gpu.uuid == resource_id for gpu in self.inventory.gpus)
        return kind in WORKLOADS and resource_id in self.workload_ids

    def expected_max(self, resource_id: str, metric: MetricType) -> float | None:
        """The maximum that this machine's inventory allows for the metric; None when it is unknown."""
        total = self.inventory.total
        # totals are rounded down to whole units, so usage may be up to one above
        if metric is MetricType.MEMORY_USED_MIB:
            return total.memory_mib + 1
        if metric is MetricType.DISK_USED_GIB:
            return total.disk_gib + 1
        if metric is MetricType.GPU_MEMORY_USED_MIB:
            own_mib = next(gpu.vram_mib for gpu in self.inventory.gpus if gpu.uuid == resource_id)
            return own_mib or total.memory_mib + 1  # without VRAM it shares the machine's memory
        # traffic between workloads of one host does not use the link
        link_mbps = self.inventory.links_mbps or self.inventory.network_mbps
        if metric in _NETWORK and type_of(resource_id) is ResourceType.HOST and link_mbps is not None:
            return link_mbps * _BYTES_PER_S_OF_A_MBIT * LINK_SLACK
        return METRICS[metric].expected_max


class Flag(NamedTuple):
    """Figures of a metric above the expected maximum: how many points, and the time of the last."""

    resource_id: str
    metric: MetricType
    expected_max: float
    points: int
    last_at: datetime


Flags = dict[tuple[str, MetricType], Flag]


class _Bounds(NamedTuple):
    least: float
    most: float
    expected_max: float | None


def check(batch: TelemetryBatch, machine: Machine, now: datetime) -> list[Flag]:
    """The flags of the batch. Errors: `Invalid` naming what is impossible, at most `MAX_ERRORS` items."""
    wrong: list[FieldError] = []
    flags: Flags = {}
    for error in _wrong(batch, machine, now, flags):
        wrong.append(error)
        if len(wrong) == MAX_ERRORS:
            break
    if wrong:
        raise Invalid(errors=tuple(wrong))
    return list(flags.values())


def _wrong(batch: TelemetryBatch, machine: Machine, now: datetime, flags: Flags) -> Iterator[FieldError]:
    window = now - RAW_KEPT, now + EARLY
    yield from _wrong_points(batch, machine, window, flags)
    for index, report in enumerate(batch.health_checks):
        if not machine.owns(report.resource_id):
            yield _unknown(f"/health_checks/{index}/resource_id")
        if not window[0] <= report.checked_at <= window[1]:
            yield _untimely(f"/health_checks/{index}/checked_at")
    for index, line in enumerate(batch.logs):
        if not window[0] <= line.at <= window[1]:
            yield _untimely(f"/logs/{index}/at")


def _wrong_points(
    batch: TelemetryBatch, machine: Machine, window: tuple[datetime, datetime], flags: Flags
) -> Iterator[FieldError]:
    earliest, latest = window
    timely: set[datetime] = set()  # many points share one instant
    known: dict[tuple[str, MetricType], _Bounds | FieldError] = {}
    for index, point in enumerate(batch.metrics):
        pair = point.resource_id, point.metric_type
        bounds = known.get(pair)
        if bounds is None:
            bounds = known[pair] = _bounds_or_error(machine, *pair)
        if isinstance(bounds, FieldError):
            yield FieldError(f"/metrics/{place_of(batch, index)}/{bounds.pointer}", bounds.code, bounds.message)
        elif not bounds.least <= point.value <= bounds.most:
            message = f"Give a value from {bounds.least:g} to {bounds.most:g}."
            yield FieldError(f"/metrics/{place_of(batch, index)}/value", "impossible", message)
        elif bounds.expected_max is not None and point.value > bounds.expected_max:
            before = flags.get(pair)
            last_at = point.captured_at if before is None else max(before.last_at, point.captured_at)
            flags[pair] = Flag(*pair, bounds.expected_max, before.points + 1 if before else 1, last_at)
        at = point.captured_at
        if at in timely:
            continue
        if earliest <= at <= latest:
            timely.add(at)
        else:
            yield _untimely(f"/metrics/{place_of(batch, index)}/captured_at")


def _bounds_or_error(machine: Machine, resource_id: str, metric: MetricType) -> _Bounds | FieldError:
    if not machine.owns(resource_id):
        return _unknown("resource_id")
    row = METRICS[metric]
    if type_of(resource_id) not in row.kinds:
        return FieldError("metric_type", "not_of_this_resource", "This kind of resource has no such metric.")
    return _Bounds(row.least, row.most, machine.expected_max(resource_id, metric))


def _unknown(pointer: str) -> FieldError:
    return FieldError(pointer, "unknown_resource", "This is not the host, one of its GPUs or one of its workloads.")


def _untimely(pointer: str) -> FieldError:
    return FieldError(pointer, "untimely", "This is older than 48 hours, or in the future.")
