"""The host's state machine, and what silence does to it.

enrolled → ready ⇄ maintenance;  ready → suspect → offline → ready;  draining → retired;  banned
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sharemtc import clock
from sharemtc.settings import Settings


class HostState(StrEnum):
    """Only a `ready` host gets new work. `suspect` and `offline` are silence; the rest are decisions of people."""

    ENROLLED = "enrolled"
    READY = "ready"
    SUSPECT = "suspect"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"
    DRAINING = "draining"
    RETIRED = "retired"
    BANNED = "banned"


SILENCED = frozenset({HostState.READY, HostState.SUSPECT, HostState.OFFLINE})


def judge(stored: HostState, last_seen_at: datetime | None, now: datetime, settings: Settings) -> HostState:
    """The state that the host is in at `now`, given when it was last heard; silence moves only the states it can."""
    if stored not in SILENCED or last_seen_at is None:
        return stored
    silent_ms = clock.elapsed_ms(last_seen_at, now)
    if silent_ms > settings.host_offline_after_s * 1000:
        return HostState.OFFLINE
    if silent_ms > settings.host_suspect_after_s * 1000:
        return HostState.SUSPECT
    return HostState.READY
