"""Money in integers: rates in nano-USD per hour, amounts in micro-USD. No floats.

The cost of a period is a pure function of its rate and length, rounded down once. Windows post differences of that
function, so that splitting, repeating or delaying a posting never changes the total.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sharemtc.resources import Demand

CURRENCY = "USD"
_NANO_MS_PER_MICRO_HOUR = 3_600_000 * 1000
_BPS = 10_000


class GpuPrice(NamedTuple):
    """The price of a GPU model."""

    model: str
    nanos_per_hour: int


class Prices(NamedTuple):
    """A provider's prices per unit and hour, in nano-USD. GPU models that are not listed are not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int = 0
    gpus: tuple[GpuPrice, ...] = ()

    def gpu_nanos_per_hour(self, model: str) -> int | None:
        """None when the model is not for sale."""
        return next((gpu.nanos_per_hour for gpu in self.gpus if gpu.model == model), None)


class Line(NamedTuple):
    """One line of a price: `quantity` times `unit` of an item, and their total rate."""

    item: str
    quantity: int
    unit: str
    unit_rate_nanos_per_hour: int
    rate_nanos_per_hour: int


def price_lines(prices: Prices, demand: Demand) -> tuple[Line, ...]:
    """The rate of each resource. Memory is sold by the MiB at 1/1024 of the GiB price."""
    vcpu, disk = prices.vcpu_nanos_per_hour, prices.disk_gib_nanos_per_hour
    memory_rate = demand.memory_mib * prices.memory_gib_nanos_per_hour // 1024
    lines = (
        Line("vcpu", demand.vcpus, "vCPU", vcpu, demand.vcpus * vcpu),
        Line("memory", demand.memory_mib, "MiB", prices.memory_gib_nanos_per_hour, memory_rate),
        Line("disk", demand.disk_gib, "GiB", disk, demand.disk_gib * disk),
    )
    if demand.gpu_model is None:
        return lines
    gpu = prices.gpu_nanos_per_hour(demand.gpu_model)
    assert gpu is not None, f"{demand.gpu_model} is not for sale"
    return (*lines, Line("gpu", demand.gpus, demand.gpu_model, gpu, demand.gpus * gpu))


def running_rate(lines: tuple[Line, ...]) -> int:
    """Nano-USD per hour while the machine runs: all lines."""
    return sum(line.rate_nanos_per_hour for line in lines)


def stopped_rate(lines: tuple[Line, ...]) -> int:
    """Nano-USD per hour while it is stopped: only the disk, the rest is released."""
    return sum(line.rate_nanos_per_hour for line in lines if line.item == "disk")


def cumulative_micros(rate_nanos_per_hour: int, elapsed_ms: int) -> int:
    """The cost of `elapsed_ms`: floor(rate × elapsed / 3,600,000 / 1000)."""
    assert rate_nanos_per_hour >= 0
    assert elapsed_ms >= 0
    return rate_nanos_per_hour * elapsed_ms // _NANO_MS_PER_MICRO_HOUR


def affordable_ms(rate_nanos_per_hour: int, amount_micros: int) -> int | None:
    """The longest time whose cost is at most `amount_micros`; None at a rate of zero."""
    assert amount_micros >= 0
    if rate_nanos_per_hour == 0:
        return None
    return ((amount_micros + 1) * _NANO_MS_PER_MICRO_HOUR - 1) // rate_nanos_per_hour


def affordable_until(rate_nanos_per_hour: int, amount_micros: int, start: datetime) -> datetime | None:
    """When `amount_micros` will be used up, from `start`; None beyond a hundred years."""
    length_ms = affordable_ms(rate_nanos_per_hour, amount_micros)
    if length_ms is None or length_ms > 100 * 365 * 86_400_000:
        return None
    return start + timedelta(milliseconds=length_ms)


def hold_micros(rate_nanos_per_hour: int, window_s: int) -> int:
    """The cost of `window_s`, rounded up."""
    return -(-rate_nanos_per_hour * window_s * 1000 // _NANO_MS_PER_MICRO_HOUR)


def fee_micros(cumulative: int, fee_bps: int) -> int:
    """The platform's share of a cumulative amount. Like the amount, it is posted as differences."""
    return cumulative * fee_bps // _BPS
