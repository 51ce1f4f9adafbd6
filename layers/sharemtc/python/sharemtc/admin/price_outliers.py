"""Prices far from the market's median. Pure rules."""

from __future__ import annotations

from collections.abc import Sequence

from sharemtc.hosts.pricing.market import Summary
from sharemtc.money import Prices

OUTLIER_FACTOR = 5
# a median over fewer hosts means little
MIN_HOSTS = 3


def outliers(market: Sequence[Summary], prices: Prices, models: frozenset[str]) -> list[str]:
    """A sentence for each price more than `OUTLIER_FACTOR` times above or below its median; GPUs of `models` only."""
    offered: dict[tuple[str, str | None], int] = {
        ("vcpu", None): prices.vcpu_nanos_per_hour,
        ("memory_gib", None): prices.memory_gib_nanos_per_hour,
        ("disk_gib", None): prices.disk_gib_nanos_per_hour,
        ("network_100mbps", None): prices.network_100mbps_nanos_per_hour,
        **{("gpu", gpu.model): gpu.nanos_per_hour for gpu in prices.gpus if gpu.model in models},
    }
    found = []
    for item in market:
        price = offered.get((item.item, item.model))
        if price is None or item.hosts < MIN_HOSTS:
            continue
        median = item.median_nanos_per_hour
        if price > OUTLIER_FACTOR * median or OUTLIER_FACTOR * price < median:
            name = item.model or item.item
            found.append(f"{name}: {price} nanos per hour, the market's median is {median}")
    return found
