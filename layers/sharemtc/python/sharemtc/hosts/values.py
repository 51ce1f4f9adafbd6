"""Values used in several records of a host."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sharemtc.money import Prices


class NetworkBonus(NamedTuple):
    """A provider whose link has at least `from_mbps` earns `bonus_bps` (hundredths of a percent) more."""

    from_mbps: int
    bonus_bps: int


class PriceVersion(NamedTuple):
    """One version of a price book."""

    version: int
    effective_at: datetime
    prices: Prices
    network_bonus: tuple[NetworkBonus, ...] = ()


def bonus_bps(rows: Iterable[NetworkBonus], network_mbps: int | None) -> int:
    """The bonus for a link of that speed: that of the highest row it reaches, else 0."""
    reached = [row for row in rows if row.from_mbps <= (network_mbps or 0)]
    return max(reached).bonus_bps if reached else 0


class KeptScore(NamedTuple):
    """The score as last computed, without its inputs."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    provisional: bool


class Gap(NamedTuple):
    """An interval without heartbeats: of the whole host, or of the workloads in `only`.

    Of the whole host, it lasts from one heartbeat to the next, and `proven` are the workloads proven to have run
    through it. Of some workloads, it lasts from the last heartbeat that listed them as running, if any, to the first
    that does so again; `absent_at` is the last heartbeat in between, and workloads started later are not affected.
    """

    started_at: datetime
    ended_at: datetime
    proven: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    absent_at: datetime | None = None

    def affects(self, workload_id: str, started_at: datetime) -> bool:
        """Whether a workload running since `started_at` is not proven to have run in this gap."""
        if self.only:
            return workload_id in self.only and (self.absent_at is None or started_at <= self.absent_at)
        return workload_id not in self.proven
