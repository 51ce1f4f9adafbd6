"""Values that stand in several records of a host."""

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
    """The bonus that a link of that speed earns: of the highest row that it reaches, 0 below all."""
    reached = [row for row in rows if row.from_mbps <= (network_mbps or 0)]
    return max(reached).bonus_bps if reached else 0


class KeptScore(NamedTuple):
    """The score as it was last computed, without its inputs."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    provisional: bool


class Gap(NamedTuple):
    """A stretch that heartbeats do not cover: of the whole host, or of `only` the workloads named there.

    Of the whole host, it lasts from one heartbeat to the next, and `proven` are the workloads proved to have run
    through it. Of some workloads, it lasts from the last heartbeat that listed them as running, if any did, to the
    first that does so again; `absent_at` is the last one before that did not. What was started after that one is not
    concerned.
    """

    started_at: datetime
    ended_at: datetime
    proven: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    absent_at: datetime | None = None

    def concerns(self, workload_id: str, started_at: datetime) -> bool:
        """Whether a workload that runs since `started_at` is not proved to have run in this stretch."""
        if self.only:
            return workload_id in self.only and (self.absent_at is None or started_at <= self.absent_at)
        return workload_id not in self.proven
