"""GPUs by their UUID."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import InstantAttribute


class Device(HostsRecord):
    """Which host a GPU is in, and which allocation holds it. `pk` `DEVICE#<uuid>`, `sk` `DEVICE`."""

    uuid = UnicodeAttribute()
    host_id = UnicodeAttribute()
    allocation_id = UnicodeAttribute(null=True)
    claimed_at = InstantAttribute()


def device_key(uuid: str) -> str:
    """The partition of one GPU."""
    return f"DEVICE#{uuid}"
