"""Batches of heartbeats."""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import ExpiryAttribute


class HeartbeatBatch(HostsRecord):
    """The heartbeats that one process received within a moment, packed: see `heartbeat_batches`.

    `pk` `HEARTBEATS#<ten seconds>`, `sk` `<milliseconds>#<random>`. Expires after minutes; each host's `Lease` is
    written again before.
    """

    heartbeats = BinaryAttribute(legacy_encoding=False)
    expires_at = ExpiryAttribute()
