"""A host's history: downtimes and maintenance windows from its events, and the score computed from them.

Events are kept for thirty days, the score's window. A downtime that began earlier is known from the event that ended
it, which holds the last heartbeat before it, or from the host's current state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import HeartbeatGap, MaintenanceWindow
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.reliability.score import WINDOW_DAYS, Announced, Downtime, Inputs, Score, score
from sharemtc.hosts.states import HostState, Presence, StateReason, presence
from sharemtc.hosts.table import SHARDS, Capacity, Host
from sharemtc.hosts.values import KeptScore
from sharemtc.independent import independent
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.unreadable import skip_unreadable

if TYPE_CHECKING:
    from sharemtc.events.table import Event

# events read for one host at most
MAX_EVENTS = 4_000
MINUTES = 60
# after these a host no longer has to be online, so its downtime ends
_OFF_MARKET = frozenset({EventType.HOST_DRAINING, EventType.HOST_BANNED, EventType.HOST_RETIRED})
_BACK = frozenset({EventType.HOST_READY, EventType.HOST_MAINTENANCE})
_WINDOWS = frozenset({EventType.HOST_MAINTENANCE_ANNOUNCED, EventType.HOST_MAINTENANCE_WITHDRAWN})


def of_host(host: Host, now: datetime) -> tuple[Inputs, Score]:
    """The inputs of the host's score over the last thirty days, and the score. Errors: `NotFound`."""
    capacity, _ = read_state(host.id)
    since = now - timedelta(days=WINDOW_DAYS)
    events = event_log.of_resource_since(host.id, since, limit=MAX_EVENTS)
    inputs = Inputs(
        observed_from=host.enrolled_at,
        as_of=now,
        downtimes=downtimes(events, capacity, since),
        maintenance=announced(events),
    )
    return inputs, score(inputs)


def downtimes(events: Iterable[Event], capacity: Capacity, since: datetime) -> tuple[Downtime, ...]:
    """The intervals in which the host was offline, from its events in any order and its current state."""
    found: list[Downtime] = []
    open_since: datetime | None = None
    for event in _in_order(events):
        last_heartbeat_at = event.data.last_heartbeat_at if isinstance(event.data, HeartbeatGap) else None
        if event.type is EventType.HOST_OFFLINE:
            open_since = open_since or last_heartbeat_at or event.at
        elif _ends_downtime(event):
            began_at = open_since or last_heartbeat_at
            if began_at is not None and _was_offline(began_at, event.at):
                found.append(Downtime(began_at, event.at, StateReason.SILENCE))
            open_since = None
    if open_since is None and capacity.state is HostState.OFFLINE:
        open_since = max(capacity.state_at, since)
    if open_since is not None:
        found.append(Downtime(open_since, None, StateReason.SILENCE))
    return tuple(found)


def _in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.at, event.id))


def _ends_downtime(event: Event) -> bool:
    returned = event.type in _BACK and event.reason is EventReason.HEARTBEAT
    return returned or event.type in _OFF_MARKET


def _was_offline(last_heartbeat_at: datetime, back_at: datetime) -> bool:
    return presence(last_heartbeat_at, back_at, settings()) is Presence.OFFLINE


def announced(events: Iterable[Event]) -> tuple[Announced, ...]:
    """The maintenance windows in effect, from announcements and withdrawals."""
    found: list[Announced] = []
    for event in _in_order(events):
        if event.type not in _WINDOWS:
            continue
        if found and found[-1].ends_at > event.at:
            found[-1] = found[-1]._replace(ends_at=max(event.at, found[-1].starts_at))
        if isinstance(event.data, MaintenanceWindow):
            found.append(Announced(event.at, event.data.starts_at, event.data.ends_at))
    return tuple(one for one in found if one.starts_at < one.ends_at)


def shards_at(now: datetime) -> list[str]:
    """The partitions to rescore in this minute; each comes up once an hour."""
    return [str(shard) for shard in range(SHARDS) if shard % MINUTES == now.minute]


def rescore(shard: str) -> int:
    """Compute the scores of a partition's hosts and store those that changed; the number stored."""
    changed, now = 0, clock.now()
    with independent() as each:
        for host in skip_unreadable(Host.by_shard.query(shard)):
            with each.one(host.id):
                changed += _rescore(host, now)
    return changed


def _rescore(host: Host, now: datetime) -> bool:
    try:
        inputs, found = of_host(host, now)
    except NotFound:
        return False
    kept = KeptScore(
        found.score_percent, WINDOW_DAYS, found.uptime_percent, len(inputs.downtimes), found.interruptions,
        found.provisional,
    )  # fmt: skip
    if kept == host.reliability:
        return False
    host.update([Host.reliability.set(kept)], condition=Host.pk.exists())
    return True
