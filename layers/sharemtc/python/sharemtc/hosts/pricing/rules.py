"""Which version of a price book is in effect. Pure rules: no job makes a version current.

A version is in effect from its instant until that of a later one. None is ever edited, so past prices cannot change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sharemtc.hosts.values import NetworkBonus, PriceVersion
from sharemtc.money import GpuPrice, Prices
from sharemtc.settings import Settings


def current(versions: Sequence[PriceVersion], now: datetime) -> PriceVersion:
    """The latest version in effect at `now`; of two with the same instant, the newer.

    Before the first takes effect, it is the first: a host is never without prices.
    """
    assert versions
    in_effect = [version for version in versions if version.effective_at <= now]
    if in_effect:
        return max(in_effect, key=lambda one: (one.effective_at, one.version))
    return min(versions, key=lambda one: (one.effective_at, -one.version))


def from_now_on(versions: Sequence[PriceVersion], now: datetime) -> tuple[PriceVersion, ...]:
    """The versions that are current at `now` or later."""
    in_effect = current(versions, now)
    return tuple(one for one in versions if one == in_effect or one.effective_at > now)


def first_version(models: Iterable[str], now: datetime, settings: Settings) -> PriceVersion:
    """A new host's prices: the platform's defaults, for each GPU model that it has."""
    prices = Prices(
        settings.vcpu_nanos_per_hour,
        settings.memory_gib_nanos_per_hour,
        settings.disk_gib_nanos_per_hour,
        settings.network_100mbps_nanos_per_hour,
        tuple(GpuPrice(model, settings.gpu_nanos_per_hour) for model in sorted(set(models))),
    )
    return PriceVersion(1, now, prices, DEFAULT_BONUS)


# the bonus rows of a new price book
DEFAULT_BONUS = (NetworkBonus(500, 1000), NetworkBonus(1000, 2000))
