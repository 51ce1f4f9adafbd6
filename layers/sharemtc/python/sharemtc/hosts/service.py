"""Hosts as their owners and renters see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sharemtc import clock
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.capacity.slices import COUNTERS
from sharemtc.hosts.kinds import HostAction, SaleState, UnavailableReason
from sharemtc.hosts.liveness.leases import read_state, read_states
from sharemtc.hosts.pricing import price_books
from sharemtc.hosts.state_changes import HostClosed
from sharemtc.hosts.states import CLOSED, HELD, HostState, StateReason, due, judge
from sharemtc.hosts.table import SHARDS, Capacity, Host, Lease, host_key
from sharemtc.money import Prices
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.pages import Page, page, page_shards
from sharemtc.storage.records import batch_find
from sharemtc.storage.unreadable import skip_unreadable, views

ONLINE = frozenset({HostState.READY, HostState.SUSPECT, HostState.MAINTENANCE})


class Sale(NamedTuple):
    """Whether workloads can be rented on a host; `since` only if they cannot and the time is known."""

    state: SaleState
    reason: UnavailableReason | None
    since: datetime | None


@dataclass(frozen=True)
class HostStatus:
    """A host with its capacity and lease, and its state and prices at `as_of`."""

    host: Host
    capacity: Capacity
    lease: Lease
    state: HostState
    as_of: datetime

    @property
    def prices(self) -> Prices:
        return price_books.at(self.host, self.as_of).prices

    @property
    def region(self) -> str:
        """The owner's region, else the one in the inventory."""
        return self.host.region or self.host.inventory.region

    @property
    def state_reason(self) -> StateReason:
        """The stored reason, or that of the state change that is due."""
        if self.state is self.capacity.state:
            return self.capacity.state_reason
        window = self.host.maintenance
        step = due(self.capacity.state, self.lease.last_seen_at, self.as_of, settings(), window)
        return step[1] if step is not None else self.capacity.state_reason

    @property
    def state_at(self) -> datetime:
        after_s = {
            HostState.SUSPECT: settings().host_suspect_after_s,
            HostState.OFFLINE: settings().host_offline_after_s,
        }.get(self.state)
        if self.state is self.capacity.state or after_s is None or self.lease.last_seen_at is None:
            return self.capacity.state_at
        return self.lease.last_seen_at + timedelta(seconds=after_s)

    @property
    def unavailable_reason(self) -> UnavailableReason | None:
        if self.state is not HostState.READY:
            return UnavailableReason(f"host_{self.state}")
        if self.host.inventory.accelerator is None:
            return UnavailableReason.NO_VIRTUALISATION
        if not self.host.inventory.images:
            return UnavailableReason.NO_IMAGES
        if min(self.capacity.free_vcpus, self.capacity.free_memory_mib, self.capacity.free_disk_gib) <= 0:
            return UnavailableReason.SOLD_OUT
        return None

    @property
    def sale(self) -> Sale:
        reason = self.unavailable_reason
        if reason is None:
            return Sale(SaleState.AVAILABLE, None, None)
        if reason is not UnavailableReason.SOLD_OUT:
            return Sale(SaleState.UNAVAILABLE, reason, None if self.state is HostState.READY else self.state_at)
        used_up = [
            getattr(self.capacity, f"free_{name}_at")
            for name in COUNTERS
            if getattr(self.capacity, f"free_{name}") <= 0
        ]
        known = [at for at in used_up if at is not None]
        return Sale(SaleState.FULL, reason, max(min(known), self.state_at) if known else None)

    @property
    def actions(self) -> list[HostAction]:
        if self.capacity.state in CLOSED:
            return []
        found = [HostAction.CHANGE, HostAction.SET_PRICES]
        if self.capacity.state is not HostState.DRAINING:
            found.append(HostAction.DRAIN)
        elif self.capacity.state_reason not in HELD:
            found.append(HostAction.RESUME)
        window = self.host.maintenance
        if window is None or window.ends_at <= self.as_of:
            found.append(HostAction.SET_MAINTENANCE)
        elif not window.by_operator:
            found += [HostAction.SET_MAINTENANCE, HostAction.END_MAINTENANCE]
        if offering.offered(self.capacity, self.host) != offering.to_offer(self.capacity, self.host):
            found.append(HostAction.OFFER_CAPACITY)
        if offering.leased(self.capacity, self.host).is_empty:
            found.append(HostAction.RETIRE)
        return found


def find(host_id: str) -> Host:
    """Errors: `NotFound`."""
    host = Host.find(host_key(host_id), "HOST")
    if host is None:
        raise NotFound
    return host


def find_many(host_ids: Iterable[str]) -> dict[str, Host]:
    """The hosts that exist, by id. Errors: `UnreadableRecord`."""
    found = batch_find(Host, [(host_key(id), "HOST") for id in host_ids])
    return {host.id: host for host in found.values()}


def find_open(host_id: str) -> Host:
    """A host that takes part. Errors: `NotFound`; `HostClosed` when it was retired or banned."""
    host = find(host_id)
    if Capacity.get(host.pk, "CAPACITY").state in CLOSED:
        raise HostClosed
    return host


def find_own(owner_id: str, host_id: str) -> Host:
    """The provider's own host. Errors: `NotFound`, also for another provider's."""
    host = find(host_id)
    if host.owner_id != owner_id:
        raise NotFound
    return host


def status_of(host: Host) -> HostStatus:
    """The host's status now."""
    capacity, lease = read_state(host.id)
    return _judged(host, capacity, lease, clock.now())


def statuses_of(hosts: Sequence[Host]) -> list[HostStatus]:
    """The statuses of several hosts now, read a hundred at a time."""
    states, now = read_states([host.id for host in hosts], unreadable_keys=set()), clock.now()
    there = [host for host in hosts if host.id in states]
    return views(lambda host: _judged(host, *states[host.id], now), there)


def all_statuses() -> list[HostStatus]:
    """Every host that is not retired, from the shards of one index."""
    return statuses_of([host for shard in range(SHARDS) for host in skip_unreadable(Host.by_shard.query(str(shard)))])


def on_the_market() -> list[HostStatus]:
    """Every host that is neither retired nor banned. Placement proposes from these; conditional writes decide."""
    open_hosts = [at for at in all_statuses() if at.state is not HostState.BANNED]
    return sorted(open_hosts, key=lambda item: item.host.id)


def page_of_market(*, limit: int, cursor: str | None) -> tuple[list[HostStatus], str | None]:
    """Hosts neither retired nor banned, oldest first, and the next cursor. Errors: `Invalid` naming `/cursor`."""
    shards = [str(shard) for shard in range(SHARDS)]
    found = page_shards(Host.by_shard, shards, Host.id, limit=limit, cursor=cursor, newest_first=False)
    return [at for at in statuses_of(found.items) if at.state is not HostState.BANNED], found.next_cursor


def some_statuses(of_each_shard: int) -> list[HostStatus]:
    """A bounded number of hosts that are not retired, the oldest of each shard."""
    shards = range(SHARDS)
    found = (skip_unreadable(Host.by_shard.query(str(shard), limit=of_each_shard)) for shard in shards)
    return statuses_of([host for hosts in found for host in hosts])


def some_hosts(limit: int) -> list[Host]:
    """Up to `limit` hosts that are not retired; partitions beyond these are not read."""
    shards = range(SHARDS)
    found = (host for shard in shards for host in skip_unreadable(Host.by_shard.query(str(shard), limit=limit)))
    return list(islice(found, limit))


def _judged(host: Host, capacity: Capacity, lease: Lease, now: datetime) -> HostStatus:
    state = judge(capacity.state, lease.last_seen_at, now, settings(), host.maintenance)
    if state is HostState.OFFLINE and capacity.state_reason == StateReason.MASS_SILENCE:
        state = capacity.state  # only the sweep ends a mass silence
    return HostStatus(host, capacity, lease, state, now)


def of_owner(owner_id: str, *, limit: int, cursor: str | None) -> Page[Host]:
    """A provider's hosts, newest first."""
    return page(Host.by_owner, owner_id, limit=limit, cursor=cursor)


def all_of_owner(owner_id: str, *, limit: int | None = None) -> list[Host]:
    """A provider's hosts that can be read, newest first."""
    return list(skip_unreadable(Host.by_owner.query(owner_id, scan_index_forward=False, limit=limit)))


def provides(owner_id: str) -> bool:
    return any(host.shard is not None for host in Host.by_owner.query(owner_id, scan_index_forward=False, page_size=50))
