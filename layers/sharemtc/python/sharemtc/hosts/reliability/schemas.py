"""Reliability in the API."""

from typing import Self

from pydantic import Field

from sharemtc.hosts.reliability.score import WINDOW_DAYS, Inputs, Score
from sharemtc.schemas import Instant, View


class ReliabilityView(View):
    """The host's reliability over the last `window_days`, computed hourly. See docs/reliability.md."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    provisional: bool = Field(description="Observed for less than seven days")


class DowntimeView(View):
    """An interval in which the host was offline; `ended_at` is null while it still is."""

    started_at: Instant
    ended_at: Instant | None
    reason: str


class AnnouncedView(View):
    """A maintenance window as announced; one that was withdrawn or replaced ends there."""

    announced_at: Instant
    starts_at: Instant
    ends_at: Instant


class ReliabilityReport(View):
    """The score with all its inputs: `python -m sharemtc.hosts.reliability.score FILE` recomputes it."""

    host_id: str
    window_days: int
    observed_from: Instant
    as_of: Instant
    downtimes: list[DowntimeView]
    maintenance: list[AnnouncedView]
    interruptions: int
    uptime_percent: float
    penalty: float
    score_percent: float
    provisional: bool

    @classmethod
    def of(cls, host_id: str, inputs: Inputs, found: Score) -> Self:
        return cls(
            host_id=host_id,
            window_days=WINDOW_DAYS,
            observed_from=inputs.observed_from,
            as_of=inputs.as_of,
            downtimes=[DowntimeView.model_validate(one) for one in inputs.downtimes],
            maintenance=[AnnouncedView.model_validate(one) for one in inputs.maintenance],
            interruptions=found.interruptions,
            uptime_percent=found.uptime_percent,
            penalty=found.penalty,
            score_percent=found.score_percent,
            provisional=found.provisional,
        )
