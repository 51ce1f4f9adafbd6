"""The host's state machine, and how silence and time change its state. Pure rules.

enrolled → ready ⇄ maintenance;  ready → suspect → offline → ready;  draining → retired;  banned
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sharemtc import clock
from sharemtc.settings import Settings


class HostState(StrEnum):
    """Only a `ready` host gets new work. `suspect` and `offline` come from silence, the rest from decisions."""

    ENROLLED = "enrolled"
    READY = "ready"
    SUSPECT = "suspect"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"
    DRAINING = "draining"
    RETIRED = "retired"
    BANNED = "banned"


class StateReason(StrEnum):
    """Why a host is in its state. Free text from people is the event's `detail`."""

    ENROLLED = "enrolled"
    HEARTBEAT = "heartbeat"
    SILENCE = "silence"
    MASS_SILENCE = "mass_silence"
    PROVIDER = "provider"
    OPERATOR = "operator"
    AGENT = "agent"
    WINDOW_BEGAN = "maintenance_began"
    WINDOW_ENDED = "maintenance_ended"
    PROVIDER_BANNED = "provider_banned"
    PROVIDER_DRAINED = "provider_drained"
    HOST_BANNED = "host_banned"
    STARTS_FAILING = "starts_failing"
    SELF_TEST = "self_test"
    DECLARED_LOST = "declared_lost"


# states that enforce a decision stored elsewhere, and end when it is revoked
ENFORCED = frozenset({StateReason.PROVIDER_BANNED, StateReason.PROVIDER_DRAINED, StateReason.HOST_BANNED})
# states that only operators end
HELD = ENFORCED | {StateReason.OPERATOR, StateReason.DECLARED_LOST}


class Presence(StrEnum):
    """Whether heartbeats arrive, whatever the host's state."""

    NEVER = "never"
    LIVE = "live"
    SUSPECT = "suspect"
    OFFLINE = "offline"


class Maintenance(NamedTuple):
    """A window from `starts_at` until before `ends_at`, in which the host takes no new work."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    by_operator: bool = False

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


# in order of increasing silence
SILENCE_ORDER = (HostState.READY, HostState.SUSPECT, HostState.OFFLINE)
SILENCE_STATES = frozenset(SILENCE_ORDER)
# states that time alone changes, by silence and by maintenance windows
TIMED = SILENCE_STATES | {HostState.ENROLLED, HostState.MAINTENANCE}
CLOSED = frozenset({HostState.RETIRED, HostState.BANNED})
AWAY = frozenset({HostState.OFFLINE, HostState.MAINTENANCE, HostState.DRAINING, HostState.BANNED})
_DECIDED = frozenset({HostState.DRAINING, HostState.BANNED})
TRANSITIONS: dict[HostState, frozenset[HostState]] = {
    HostState.ENROLLED: _DECIDED | {HostState.READY, HostState.MAINTENANCE},
    HostState.READY: _DECIDED | {HostState.SUSPECT, HostState.OFFLINE, HostState.MAINTENANCE},
    HostState.SUSPECT: _DECIDED | {HostState.READY, HostState.OFFLINE, HostState.MAINTENANCE},
    HostState.OFFLINE: _DECIDED | {HostState.READY, HostState.MAINTENANCE},
    HostState.MAINTENANCE: _DECIDED | SILENCE_STATES | {HostState.ENROLLED},
    HostState.DRAINING: TIMED | CLOSED,
    HostState.RETIRED: frozenset(),
    HostState.BANNED: TIMED,
}


def presence(last_seen_at: datetime | None, now: datetime, settings: Settings) -> Presence:
    """The meaning of the host's silence at `now`."""
    if last_seen_at is None:
        return Presence.NEVER
    silent_ms = clock.elapsed_ms(last_seen_at, now)
    if silent_ms > settings.host_offline_after_s * 1000:
        return Presence.OFFLINE
    return Presence.SUSPECT if silent_ms > settings.host_suspect_after_s * 1000 else Presence.LIVE


def open_state(
    last_seen_at: datetime | None, now: datetime, settings: Settings, maintenance: Maintenance | None
) -> HostState:
    """The state of a host without a drain or ban: by its window, then by its silence."""
    if maintenance is not None and maintenance.covers(now):
        return HostState.MAINTENANCE
    return _BY_PRESENCE[presence(last_seen_at, now, settings)]


def judge(
    stored: HostState,
    last_seen_at: datetime | None,
    now: datetime,
    settings: Settings,
    maintenance: Maintenance | None = None,
) -> HostState:
    """The host's state at `now`: the stored one, or what time has made of it."""
    if stored not in TIMED:
        return stored
    state = open_state(last_seen_at, now, settings, maintenance)
    # a host is enrolled until its first heartbeat has been taken
    return stored if stored is HostState.ENROLLED and state is not HostState.MAINTENANCE else state


def due(
    stored: HostState,
    last_seen_at: datetime | None,
    now: datetime,
    settings: Settings,
    maintenance: Maintenance | None = None,
) -> tuple[HostState, StateReason] | None:
    """The state change that time has brought, for the sweep to store. Only a heartbeat ends silence."""
    state = judge(stored, last_seen_at, now, settings, maintenance)
    if state is stored:
        return None
    if (
        stored in SILENCE_STATES
        and state in SILENCE_STATES
        and SILENCE_ORDER.index(state) < SILENCE_ORDER.index(stored)
    ):
        return None
    if state is HostState.MAINTENANCE:
        return state, StateReason.WINDOW_BEGAN
    return state, StateReason.WINDOW_ENDED if stored is HostState.MAINTENANCE else StateReason.SILENCE


_BY_PRESENCE = {
    Presence.NEVER: HostState.ENROLLED,
    Presence.LIVE: HostState.READY,
    Presence.SUSPECT: HostState.SUSPECT,
    Presence.OFFLINE: HostState.OFFLINE,
}
