"""What a host's price book says at an instant. Pure: versions and a time in, prices out; no job makes one current.

A version takes effect at its instant and holds until that of a later one. None is ever edited: what was asked at a time
in the past cannot change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sharemtc.hosts.values import NetworkBonus, PriceVersion
from sharemtc.money import GpuPrice, Prices
from sharemtc.settings import Settings


def current(versions: Sequence[PriceVersion], now: datetime) -> PriceVersion:
    """The latest version that is in effect at `now`, the newer of two of one instant.

    Before the first takes effect it is the first: a machine is never without prices.
    """
    assert versions
    in_effect = [version for version in versions if version.effective_at <= now]
    if in_effect:
        return max(in_effect, key=lambda one: (one.effective_at, one.version))
    return min(versions, key=lambda one: (one.effective_at, -one.version))


def still_needed(versions: Sequence[PriceVersion], now: datetime) -> tuple[PriceVersion, ...]:
    """The versions that can be current at `now` or later."""
    holding = current(versions, now)
    return tuple(one for one in versions if one == holding or one.effective_at > now)


def first_version(models: Iterable[str], now: datetime, settings: Settings) -> PriceVersion:
    """What a new host asks until its owner decides: the platform's prices, for each GPU model that it has."""
    prices = Prices(
        settings.vcpu_nanos_per_hour,
        settings.memory_gib_nanos_per_hour,
        settings.disk_gib_nanos_per_hour,
        settings.network_100mbps_nanos_per_hour,
        tuple(GpuPrice(model, settings.gpu_nanos_per_hour) for model in sorted(set(models))),
    )
    return PriceVersion(1, now, prices, FIRST_BONUS)


# rows that a new book begins with; from then on they are the book's
FIRST_BONUS = (NetworkBonus(500, 1000), NetworkBonus(1000, 2000))
