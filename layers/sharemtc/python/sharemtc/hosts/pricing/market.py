"""The lowest, median and highest price of each unit on the market, in whole nano-USD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sharemtc.money import Prices


class MarketItem(StrEnum):
    """The unit that a price is for."""

    VCPU = "vcpu"
    MEMORY_GIB = "memory_gib"
    DISK_GIB = "disk_gib"
    NETWORK_100MBPS = "network_100mbps"
    GPU = "gpu"


class HostPrices(NamedTuple):
    """The prices of one host, and the models of the GPUs that it sells."""

    prices: Prices
    gpu_models: frozenset[str]


class Summary(NamedTuple):
    """The prices of one unit, or of one GPU model, over `hosts` hosts."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


def summarise(offered: Iterable[HostPrices]) -> list[Summary]:
    """One summary for each unit, and for each GPU model that at least one host sells at a price."""
    rates_by_unit: dict[tuple[MarketItem, str | None], list[int]] = defaultdict(list)
    for prices, models in offered:
        rates_by_unit[MarketItem.VCPU, None].append(prices.vcpu_nanos_per_hour)
        rates_by_unit[MarketItem.MEMORY_GIB, None].append(prices.memory_gib_nanos_per_hour)
        rates_by_unit[MarketItem.DISK_GIB, None].append(prices.disk_gib_nanos_per_hour)
        rates_by_unit[MarketItem.NETWORK_100MBPS, None].append(prices.network_100mbps_nanos_per_hour)
        for gpu in prices.gpus:
            if gpu.model in models:
                rates_by_unit[MarketItem.GPU, gpu.model].append(gpu.nanos_per_hour)
    order = list(MarketItem)
    units = sorted(rates_by_unit, key=lambda unit: (order.index(unit[0]), unit[1] or ""))
    return [
        Summary(item, model, len(rates), min(rates), median(rates), max(rates))
        for item, model in units
        if (rates := rates_by_unit[item, model])
    ]


def median(rates: Sequence[int]) -> int:
    """The middle price; of an even number, the mean of the middle two, rounded down."""
    ordered = sorted(rates)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
