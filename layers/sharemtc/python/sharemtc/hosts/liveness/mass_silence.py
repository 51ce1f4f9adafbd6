"""When to pause evictions: many hosts that fall silent together likely share one cause. Pure rules, no storage.

A host's silence is *shared* with a group (its provider, its region, all hosts) when

    at least `MASS_HOSTS` hosts of the group are silent, with last heartbeats within `SAME_OUTAGE_MS` of its own, and
    they are at least `MASS_PERCENT` percent of the group's hosts with a heartbeat then or later.

A host whose silence is shared stays suspect, takes no new work, and does not go offline until it has been silent for
`MAX_PAUSE_MS`. Five hosts are more than the two or three broken machines of a small provider; forty percent leaves room
for unrelated failures in a large group; within a minute an outage shows at all hosts, which send a heartbeat every ten
seconds; and most network outages last less than five minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

MASS_HOSTS = 5
MASS_PERCENT = 40
SAME_OUTAGE_MS = 60_000
MAX_PAUSE_MS = 300_000


class SharedSilence(NamedTuple):
    """How many of a group's hosts are silent together."""

    group: str
    silent: int
    hosts: int


class Silences:
    """When each host of each group sent its last heartbeat."""

    def __init__(self, last_heartbeats: Iterable[tuple[tuple[str, ...], int]]) -> None:
        """`last_heartbeats`: each host's groups, and when it sent its last heartbeat, in milliseconds."""
        self._by_group: dict[str, list[int]] = {}
        for groups, at_ms in last_heartbeats:
            for group in groups:
                self._by_group.setdefault(group, []).append(at_ms)
        for instants in self._by_group.values():
            instants.sort()

    def shared_by(
        self, groups: tuple[str, ...], last_heartbeat_ms: int, now_ms: int, suspect_after_ms: int
    ) -> tuple[SharedSilence, ...]:
        """The groups that share a host's silence since `last_heartbeat_ms`; none after `MAX_PAUSE_MS`."""
        if now_ms - last_heartbeat_ms > MAX_PAUSE_MS:
            return ()
        found = (self._shared(group, last_heartbeat_ms, now_ms - suspect_after_ms) for group in groups)
        return tuple(one for one in found if one.silent >= MASS_HOSTS and one.silent * 100 >= one.hosts * MASS_PERCENT)

    def _shared(self, group: str, last_heartbeat_ms: int, silent_before_ms: int) -> SharedSilence:
        instants = self._by_group.get(group, [])
        first = bisect_left(instants, last_heartbeat_ms - SAME_OUTAGE_MS)
        # a heartbeat at that very instant is not silence
        last = min(bisect_right(instants, last_heartbeat_ms + SAME_OUTAGE_MS), bisect_left(instants, silent_before_ms))
        return SharedSilence(group, max(0, last - first), len(instants) - first)
