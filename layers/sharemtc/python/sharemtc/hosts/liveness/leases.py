"""Whether hosts live: what is known of a host's last heartbeat, and what it proves.

heartbeats         takes a host's heartbeat            sweep          notices that none comes
heartbeat_batches  heartbeats that told nothing new    mass_silence   pauses evictions in a mass outage
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sharemtc import clock
from sharemtc.events.data import HeartbeatGap
from sharemtc.hosts.liveness import heartbeat_batches
from sharemtc.hosts.liveness.heartbeat_batches import LastHeartbeat, later
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import LEASE, Capacity, GapRecord, Lease, host_key
from sharemtc.hosts.values import Gap
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.records import batch_find

# how old a host's lease may grow while its later heartbeats stand in batches
MAX_LEASE_AGE_S = 300
# how long ago a process that only shows or proposes may have read the batches
READ_EVERY_MS = 1_000


def read_state(host_id: str, *, at_most_every_ms: int = READ_EVERY_MS) -> tuple[Capacity, Lease]:
    """A host's counters and its last heartbeat, from its lease and from the batches together. Errors: `NotFound`."""
    key = host_key(host_id)
    capacity, lease = Capacity.find(key, "CAPACITY"), Lease.find(key, LEASE)
    if capacity is None:
        raise NotFound
    return capacity, updated(host_id, capacity, lease, at_most_every_ms=at_most_every_ms)


def read_states(
    host_ids: Sequence[str], *, unreadable_keys: set[tuple[str, str]] | None = None
) -> dict[str, tuple[Capacity, Lease]]:
    """The same for many hosts, a hundred at a time; a host that is not there is missing.

    Errors: `UnreadableRecord`, unless `unreadable_keys` is given to collect the keys; those hosts are left out.
    """
    capacities = batch_find(Capacity, [(host_key(id), "CAPACITY") for id in host_ids], unreadable_keys=unreadable_keys)
    leases = batch_find(Lease, [(host_key(id), LEASE) for id in host_ids], unreadable_keys=unreadable_keys)
    found = {}
    for id in host_ids:
        capacity = capacities.get((host_key(id), "CAPACITY"))
        if capacity is not None and (host_key(id), LEASE) not in (unreadable_keys or ()):
            found[id] = capacity, updated(id, capacity, leases.get((host_key(id), LEASE)))
    return found


def updated(host_id: str, capacity: Capacity, lease: Lease | None, *, at_most_every_ms: int = READ_EVERY_MS) -> Lease:
    """The lease as it would be had every heartbeat been written to it."""
    lease = lease or Lease(host_key(host_id), LEASE, seq=0)
    if not settled(capacity, lease, clock.now()):
        told = heartbeat_batches.last_heartbeat(host_id, at_most_every_ms=at_most_every_ms)
        if told is not None and told.seq > (lease.seq or 0):
            # a batch may be of after a gap that was written to the lease since it was read
            lease = Lease.find(host_key(host_id), LEASE) or lease
        best = heartbeat_in(lease) if told is None else later(heartbeat_in(lease), told)
        if best.seq:
            lease.seq, lease.last_seen_at = best.seq, clock.from_ms(best.at_ms)
    return lease


def settled(capacity: Capacity, lease: Lease, now: datetime) -> bool:
    """Whether no batch can tell more than the lease.

    So it is with a heartbeat fresher than the time between two, and with hosts of whose silence the sweep has written
    down the beginning: what they say next is written to the lease.
    """
    if capacity.state in (HostState.SUSPECT, HostState.OFFLINE) or lease.last_seen_at is None:
        return True
    return clock.elapsed_ms(lease.last_seen_at, now) <= settings().heartbeat_interval_s * 500


def heartbeat_in(lease: Lease) -> LastHeartbeat:
    """The heartbeat that the lease holds; sequence 0 when there is none."""
    return LastHeartbeat(lease.seq or 0, clock.to_ms(lease.last_seen_at) if lease.last_seen_at is not None else 0)


def gap_after(heartbeat: LastHeartbeat) -> HeartbeatGap | None:
    """What an event tells that a silence began or ended after this last heartbeat; None when there was none."""
    return HeartbeatGap(last_heartbeat_at=clock.from_ms(heartbeat.at_ms)) if heartbeat.seq else None


def gaps_after(host_id: str, lease: Lease, after: datetime) -> list[Gap]:
    """The stretches that ended after an instant and that the host's heartbeats do not cover, in order."""
    if lease.last_gap_at is None or lease.last_gap_at <= after:
        return []
    found = GapRecord.query(
        host_key(host_id), GapRecord.sk.between(f"GAP#{clock.to_ms(after):013d}", "GAP#~"), consistent_read=True
    )
    gaps = [gap for record in found for gap in record.gaps]
    return sorted(gaps, key=lambda gap: (gap.started_at, gap.ended_at))
