"""What hosts ask: lowest, median and highest price of each thing that is for sale, in whole nano-USD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sharemtc.money import Prices


class MarketItem(StrEnum):
    """What a price is for."""

    VCPU = "vcpu"
    MEMORY_GIB = "memory_gib"
    DISK_GIB = "disk_gib"
    NETWORK_100MBPS = "network_100mbps"
    GPU = "gpu"


class Asked(NamedTuple):
    """What one host asks, and the models of the GPUs that it has for sale."""

    prices: Prices
    gpu_models: frozenset[str]


class Summary(NamedTuple):
    """What `hosts` hosts ask for one thing."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


def summarise(asked: Iterable[Asked]) -> list[Summary]:
    """One summary for each unit and each GPU model that some host has for sale and has a price for."""
    given: dict[tuple[MarketItem, str | None], list[int]] = defaultdict(list)
    for prices, models in asked:
        given[MarketItem.VCPU, None].append(prices.vcpu_nanos_per_hour)
        given[MarketItem.MEMORY_GIB, None].append(prices.memory_gib_nanos_per_hour)
        given[MarketItem.DISK_GIB, None].append(prices.disk_gib_nanos_per_hour)
        given[MarketItem.NETWORK_100MBPS, None].append(prices.network_100mbps_nanos_per_hour)
        for gpu in prices.gpus:
            if gpu.model in models:
                given[MarketItem.GPU, gpu.model].append(gpu.nanos_per_hour)
    order = list(MarketItem)
    kinds = sorted(given, key=lambda kind: (order.index(kind[0]), kind[1] or ""))
    return [
        Summary(item, model, len(rates), min(rates), median(rates), max(rates))
        for item, model in kinds
        if (rates := given[item, model])
    ]


def median(rates: Sequence[int]) -> int:
    """The middle one; of an even number, the mean of the two in the middle, rounded down."""
    ordered = sorted(rates)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
