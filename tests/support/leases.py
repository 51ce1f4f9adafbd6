"""What is stored and recorded of a host's heartbeats."""

from __future__ import annotations

from tests.support.world import Host

from sharemtc.events import service as events
from sharemtc.hosts.table import LEASE, Lease, host_key


def stored(host: Host) -> Lease:
    return Lease.get(host_key(host.id), LEASE)


def told(host: Host) -> list[str]:
    """Every event of the host."""
    return [event.type for event in events.of_resource(host.id, limit=200, cursor=None).items]
