"""Prices far from the market's. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sharemtc.hosts.pricing.market import Summary
from sharemtc.money import Prices

FAR = 5
# below this many, a median says nothing of a market
MIN_HOSTS = 3


def far_from(market: Sequence[Summary], prices: Prices, models: frozenset[str]) -> list[str]:
    """What of the prices is over `FAR` times its median, or under a `FAR`th, in words; GPUs that the host has."""
    asked: dict[tuple[str, str | None], int] = {
        ("vcpu", None): prices.vcpu_nanos_per_hour,
        ("memory_gib", None): prices.memory_gib_nanos_per_hour,
        ("disk_gib", None): prices.disk_gib_nanos_per_hour,
        ("network_100mbps", None): prices.network_100mbps_nanos_per_hour,
        **{("gpu", gpu.model): gpu.nanos_per_hour for gpu in prices.gpus if gpu.model in models},
    }
    found = []
    for item in market:
        price = asked.get((item.item, item.model))
        if price is None or item.hosts < MIN_HOSTS:
            continue
        median = item.median_nanos_per_hour
        if price > FAR * median or FAR * price < median:
            name = item.model or item.item
            found.append(f"{name}: {price} nanos per hour, the market's median is {median}")
    return found
