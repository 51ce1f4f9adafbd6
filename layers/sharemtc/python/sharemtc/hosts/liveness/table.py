"""Heartbeats stored in batches."""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import ExpiryAttribute


class HeartbeatBatch(HostsRecord):
    """Which hosts one process heard within a moment, packed: see `hearing`.

    `pk` `HEARD#<ten seconds>`, `sk` `<milliseconds>#<random>`.
    Gone after minutes: by then each host's `Lease` has been written again.
    """

    heard = BinaryAttribute(legacy_encoding=False)
    expires_at = ExpiryAttribute()
