"""Hosts as their owners and renters see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sharemtc import clock
from sharemtc.dynamo import Page, page
from sharemtc.hosts.liveness import read_state
from sharemtc.hosts.states import HostState, judge
from sharemtc.hosts.table import SHARDS, Capacity, Host, Lease, host_key
from sharemtc.problems import NotFound
from sharemtc.settings import settings


@dataclass(frozen=True)
class Standing:
    """A host with what it may still sell, its last word, and its state judged at this moment."""

    host: Host
    capacity: Capacity
    lease: Lease
    state: HostState
    as_of: datetime

    @property
    def unavailable_reason(self) -> str | None:
        """Why nothing can be rented here now; None when something may."""
        if self.state is not HostState.READY:
            return f"host_{self.state}"
        if self.host.inventory.accelerator is None:
            return "no_virtualisation"
        if not self.host.inventory.images:
            return "no_images"
        if min(self.capacity.free_vcpus, self.capacity.free_memory_mib, self.capacity.free_disk_gib) <= 0:
            return "sold_out"
        return None


def find(host_id: str) -> Host:
    """The host. Errors: `NotFound`."""
    host = Host.find(host_key(host_id), "HOST")
    if host is None:
        raise NotFound
    return host


def standing(host: Host) -> Standing:
    """How the host stands at this moment."""
    capacity, lease = read_state(host.id)
    now = clock.now()
    return Standing(host, capacity, lease, judge(capacity.state, lease.last_seen_at, now, settings()), now)


def on_the_market() -> list[Standing]:
    """Every host that takes part, from the shards of one index: it proposes, conditional writes decide."""
    found = [host for shard in range(SHARDS) for host in Host.by_shard.query(str(shard))]
    return sorted((standing(host) for host in found), key=lambda item: item.host.id)


def of_owner(owner_id: str, *, limit: int, cursor: str | None) -> Page[Host]:
    """A provider's own hosts, newest first."""
    return page(Host.by_owner, owner_id, limit=limit, cursor=cursor)
