"""A host's lease: its last heartbeat, and the gaps between heartbeats.

heartbeats         records a heartbeat     sweep         detects silent hosts
heartbeat_batches  unchanged heartbeats    mass_silence  pauses evictions in mass outages
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sharemtc import clock
from sharemtc.events.data import HeartbeatGap
from sharemtc.hosts.liveness import heartbeat_batches
from sharemtc.hosts.liveness.heartbeat_batches import LastHeartbeat, later
from sharemtc.hosts.states import HostState, Presence, presence
from sharemtc.hosts.table import LEASE, Capacity, GapRecord, Lease, host_key
from sharemtc.hosts.values import Gap
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.records import batch_find

# how old a lease may grow while later heartbeats are in batches
MAX_LEASE_AGE_S = 300
# how old the batches may be that a process uses for views and placement
READ_EVERY_MS = 1_000


def read_state(host_id: str, *, at_most_every_ms: int = READ_EVERY_MS) -> tuple[Capacity, Lease]:
    """A host's counters and its lease, with batched heartbeats. Errors: `NotFound`."""
    key = host_key(host_id)
    capacity, lease = Capacity.find(key, "CAPACITY"), Lease.find(key, LEASE)
    if capacity is None:
        raise NotFound
    return capacity, with_batches(host_id, capacity, lease, at_most_every_ms=at_most_every_ms)


def read_states(
    host_ids: Sequence[str], *, unreadable_keys: set[tuple[str, str]] | None = None
) -> dict[str, tuple[Capacity, Lease]]:
    """The same for many hosts, a hundred at a time; unknown hosts are left out.

    Errors: `UnreadableRecord`, unless `unreadable_keys` collects the keys; those hosts are left out.
    """
    capacities = batch_find(Capacity, [(host_key(id), "CAPACITY") for id in host_ids], unreadable_keys=unreadable_keys)
    leases = batch_find(Lease, [(host_key(id), LEASE) for id in host_ids], unreadable_keys=unreadable_keys)
    found = {}
    for id in host_ids:
        capacity = capacities.get((host_key(id), "CAPACITY"))
        if capacity is not None and (host_key(id), LEASE) not in (unreadable_keys or ()):
            found[id] = capacity, with_batches(id, capacity, leases.get((host_key(id), LEASE)))
    return found


def with_batches(
    host_id: str, capacity: Capacity, lease: Lease | None, *, at_most_every_ms: int = READ_EVERY_MS
) -> Lease:
    """The lease as if every batched heartbeat had been written to it."""
    lease = lease or Lease(host_key(host_id), LEASE, seq=0)
    if not is_current(capacity, lease, clock.now()):
        batched = heartbeat_batches.last_heartbeat(host_id, at_most_every_ms=at_most_every_ms)
        if batched is not None and batched.seq > (lease.seq or 0):
            # the lease may have been written since it was read, with a gap
            lease = Lease.find(host_key(host_id), LEASE) or lease
        best = heartbeat_in(lease) if batched is None else later(heartbeat_in(lease), batched)
        if best.seq:
            lease.seq, lease.last_seen_at = best.seq, clock.from_ms(best.at_ms)
    return lease


def is_current(capacity: Capacity, lease: Lease, now: datetime) -> bool:
    """Whether no batch can hold a newer heartbeat than the lease.

    So it is when the lease is younger than the heartbeat interval, and when the sweep has marked the host suspect or
    offline: the next heartbeat is then written to the lease.
    """
    if capacity.state in (HostState.SUSPECT, HostState.OFFLINE) or lease.last_seen_at is None:
        return True
    return clock.elapsed_ms(lease.last_seen_at, now) <= settings().heartbeat_interval_s * 500


def is_online(lease: Lease, now: datetime) -> bool:
    """Whether the host's heartbeats arrive."""
    return presence(lease.last_seen_at, now, settings()) is Presence.LIVE


def heartbeat_in(lease: Lease) -> LastHeartbeat:
    """The heartbeat in the lease; sequence 0 without one."""
    return LastHeartbeat(lease.seq or 0, clock.to_ms(lease.last_seen_at) if lease.last_seen_at is not None else 0)


def gap_after(heartbeat: LastHeartbeat) -> HeartbeatGap | None:
    """Event data for a silence that began or ended after this heartbeat; None without one."""
    return HeartbeatGap(last_heartbeat_at=clock.from_ms(heartbeat.at_ms)) if heartbeat.seq else None


def gaps_after(host_id: str, lease: Lease, after: datetime) -> list[Gap]:
    """The gaps between the host's heartbeats that ended after an instant, in order."""
    if lease.last_gap_at is None or lease.last_gap_at <= after:
        return []
    found = GapRecord.query(
        host_key(host_id), GapRecord.sk.between(f"GAP#{clock.to_ms(after):013d}", "GAP#~"), consistent_read=True
    )
    gaps = [gap for record in found for gap in record.gaps]
    return sorted(gaps, key=lambda gap: (gap.started_at, gap.ended_at))
