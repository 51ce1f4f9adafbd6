"""The brake on mass eviction: when many hosts fall silent together, the cause is likely not the hosts. No storage here.

A host's silence is *shared* with a group (its provider, its region, the whole fleet) when

    at least `MASS_HOSTS` hosts of the group are silent and were last heard within `TOGETHER_MS` of it, and
    they are at least `MASS_PERCENT` percent of the hosts of the group that were heard then or later.

A host whose silence is shared with any group stays suspect, takes no new work, and is not put offline until it has been
silent for `HELD_MS`. Five hosts is where two or three broken machines of a small provider stop looking like an outage;
forty percent leaves room for the hosts of a large group that fail by themselves at any time; a minute is the time in
which an outage becomes visible at all hosts, which speak every ten seconds; five minutes is what most network outages
last, and how long a renter's machine may be unreachable without anything being decided about it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

MASS_HOSTS = 5
MASS_PERCENT = 40
TOGETHER_MS = 60_000
HELD_MS = 300_000


class Shared(NamedTuple):
    """A silence that a group shares: how many hosts are silent of how many."""

    group: str
    silent: int
    hosts: int


class Silences:
    """When each host of each group was last heard."""

    def __init__(self, heard: Iterable[tuple[tuple[str, ...], int]]) -> None:
        """`heard`: the groups that a host belongs to, and when it was last heard, in milliseconds."""
        self._by_group: dict[str, list[int]] = {}
        for groups, at_ms in heard:
            for group in groups:
                self._by_group.setdefault(group, []).append(at_ms)
        for instants in self._by_group.values():
            instants.sort()

    def shared_by(
        self, groups: tuple[str, ...], heard_ms: int, now_ms: int, suspect_after_ms: int
    ) -> tuple[Shared, ...]:
        """The groups that share the silence of a host that was last heard at `heard_ms`; none once it is not held."""
        if now_ms - heard_ms > HELD_MS:
            return ()
        found = (self._shared(group, heard_ms, now_ms - suspect_after_ms) for group in groups)
        return tuple(one for one in found if one.silent >= MASS_HOSTS and one.silent * 100 >= one.hosts * MASS_PERCENT)

    def _shared(self, group: str, heard_ms: int, silent_before_ms: int) -> Shared:
        instants = self._by_group.get(group, [])
        first = bisect_left(instants, heard_ms - TOGETHER_MS)
        # silent is what was heard before that instant, not at it
        last = min(bisect_right(instants, heard_ms + TOGETHER_MS), bisect_left(instants, silent_before_ms))
        return Shared(group, max(0, last - first), len(instants) - first)
