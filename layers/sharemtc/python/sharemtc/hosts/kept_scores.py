"""What is kept of a host's reliability with the host itself, for lists."""

from __future__ import annotations

from typing import NamedTuple


class KeptScore(NamedTuple):
    """The score as it was last computed, without its inputs."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    provisional: bool
