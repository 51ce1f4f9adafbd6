"""Batches of heartbeats: under load a process writes many hosts' heartbeats at once instead of each host's lease.

A batch holds the heartbeats that one process received within `WINDOW_MS`, 25 bytes per host, so that one DynamoDB write
unit carries `BATCH_HOSTS` of them. Batches are stored in partitions of ten seconds, in order of writing, and expire
after minutes. They hold only unchanged heartbeats: one that changes something is written to the host's `Lease`, and so
is every heartbeat while a process receives few (`is_loaded`).

A process that dies loses its unwritten batch: one heartbeat each of at most `BATCH_HOSTS` hosts. Such a host seems
silent for two intervals, longer than the 15 seconds after which it is suspect, shorter than the 30 after which it is
offline; and the next heartbeat of a suspect host is a change, which is written at once. So one lost heartbeat never
takes a host offline (`tests/benchmarks/fleet.py`).

A batch cannot make a host look alive later than it was: a heartbeat's instant is bound to its signed token
(`heartbeats`), the highest sequence counts, and of one sequence received twice the earlier instant.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sharemtc import clock
from sharemtc.hosts.liveness.table import HeartbeatBatch
from sharemtc.ids import id_bytes
from sharemtc.storage.unreadable import skip_unreadable

BATCH_HOSTS = 36
WINDOW_MS = 2_000
BUCKET_MS = 10_000
RETENTION = timedelta(minutes=15)
# a process that received this many heartbeats within ten seconds is under load
LOADED_HEARTBEATS, LOADED_MS = 32, 10_000
# by then the sweep has written a silent host's last heartbeat to its lease
LOOK_BACK_MS = 45_000
# batches this old are visible to reads: processes' clocks differ, and reads lag behind writes
SETTLED_MS = 3_000
CACHE_MS = 600_000
_HEARTBEAT = struct.Struct(">16s7sH")


class LastHeartbeat(NamedTuple):
    """A host's last heartbeat: its sequence, and when it was signed, in milliseconds since the epoch."""

    seq: int
    at_ms: int


def later(one: LastHeartbeat | None, other: LastHeartbeat) -> LastHeartbeat:
    """The heartbeat with the higher sequence; of equal ones the earlier instant, so that a replay refreshes nothing."""
    if one is None or other.seq > one.seq:
        return other
    return other if other.seq == one.seq and other.at_ms < one.at_ms else one


class HeartbeatBuffer:
    """The heartbeats that this process received and has not written, and those it read from others' batches."""

    def __init__(self) -> None:
        self.known: dict[bytes, LastHeartbeat] = {}
        self._unwritten: dict[bytes, LastHeartbeat] = {}
        self._unwritten_since_ms = 0
        self._last_heartbeats_ms: deque[int] = deque(maxlen=LOADED_HEARTBEATS)
        self._read_from_ms: int | None = None
        self._read_until_ms = 0
        self._refreshed_at_ms = 0
        self._pruned_at_ms = 0

    def is_loaded(self, now_ms: int) -> bool:
        """Whether heartbeats come in so fast that one write each would cost too much. Counts this one."""
        heartbeats = self._last_heartbeats_ms
        heartbeats.append(now_ms)
        return len(heartbeats) == LOADED_HEARTBEATS and now_ms - heartbeats[0] <= LOADED_MS

    def add(self, host: bytes, heartbeat: LastHeartbeat, now_ms: int) -> None:
        """Add a heartbeat, and write the batch when it is full or its oldest heartbeat has waited for `WINDOW_MS`."""
        if not self._unwritten:
            self._unwritten_since_ms = now_ms
        self._unwritten[host] = later(self._unwritten.get(host), heartbeat)
        self.write_due(now_ms)

    def write_due(self, now_ms: int) -> None:
        """Write the batch if it is due; every request to a process calls this."""
        if not self._unwritten:
            return
        if len(self._unwritten) >= BATCH_HOSTS or now_ms - self._unwritten_since_ms >= WINDOW_MS:
            self._write(now_ms)

    def _write(self, now_ms: int) -> None:
        heartbeats = self._unwritten
        packed = b"".join(
            _HEARTBEAT.pack(host, heartbeat.seq.to_bytes(7, "big"), min(max(0, now_ms - heartbeat.at_ms), 0xFFFF))
            for host, heartbeat in heartbeats.items()
        )
        batch = HeartbeatBatch(
            _bucket(now_ms),
            f"{now_ms:013d}#{clock.choose_index(1 << 32):08x}",
            heartbeats=packed,
            expires_at=clock.from_ms(now_ms) + RETENTION,
        )
        batch.save()
        # only now: after a failed write the batch waits for the next request
        self._unwritten = {}
        for host, heartbeat in heartbeats.items():
            self.known[host] = later(self.known.get(host), heartbeat)

    def heartbeat_of(self, host: bytes) -> LastHeartbeat | None:
        """The newest heartbeat of a host that this process knows, without reading."""
        unwritten, known = self._unwritten.get(host), self.known.get(host)
        return known if unwritten is None else later(known, unwritten)

    def read(self, now_ms: int, *, look_back_ms: int = LOOK_BACK_MS, at_most_every_ms: int = 0) -> None:
        """Read the batches that others wrote since the last read, or in the last `look_back_ms`."""
        if at_most_every_ms and 0 <= now_ms - self._refreshed_at_ms < at_most_every_ms:
            return
        start_ms = now_ms - look_back_ms
        gapless = self._read_from_ms is not None and self._read_from_ms <= start_ms <= self._read_until_ms
        if gapless:
            start_ms = self._read_until_ms - SETTLED_MS
        else:
            self._read_from_ms = start_ms
        for batch in _batches(start_ms, now_ms):
            written_ms = int(batch.sk[:13])
            for host, seq, age_ms in _HEARTBEAT.iter_unpack(batch.heartbeats):
                heartbeat = LastHeartbeat(int.from_bytes(seq, "big"), written_ms - age_ms)
                best = self.known.get(host)
                if best is None or heartbeat.seq >= best.seq:
                    self.known[host] = later(best, heartbeat)
        self._read_until_ms = self._refreshed_at_ms = now_ms
        self._prune(now_ms)

    def _prune(self, now_ms: int) -> None:
        if now_ms - self._pruned_at_ms < CACHE_MS // 10:
            return
        self._pruned_at_ms = now_ms
        oldest_ms = now_ms - CACHE_MS
        self.known = {host: heartbeat for host, heartbeat in self.known.items() if heartbeat.at_ms >= oldest_ms}
        # a longer look back reads the pruned time again
        self._read_from_ms = max(self._read_from_ms or 0, oldest_ms)


def _bucket(at_ms: int) -> str:
    return f"HEARTBEATS#{at_ms // BUCKET_MS}"


def _batches(start_ms: int, end_ms: int) -> Iterator[HeartbeatBatch]:
    """All batches written since `start_ms`. A partition holds some hundred of them at ten thousand hosts."""
    # a writer whose clock is ahead may be in the next bucket already
    for bucket in range(start_ms // BUCKET_MS, (end_ms + SETTLED_MS) // BUCKET_MS + 1):
        yield from skip_unreadable(
            HeartbeatBatch.query(_bucket(bucket * BUCKET_MS), HeartbeatBatch.sk >= f"{start_ms:013d}")
        )


_buffer = HeartbeatBuffer()


def buffer() -> HeartbeatBuffer:
    return _buffer


def replace_buffer(other: HeartbeatBuffer) -> HeartbeatBuffer:
    """Use another buffer and return the former one: for simulations of several processes, and tests."""
    global _buffer
    before, _buffer = _buffer, other
    return before


def key_of(host_id: str) -> bytes:
    return id_bytes(host_id)


def last_heartbeat(host_id: str, *, at_most_every_ms: int = 0) -> LastHeartbeat | None:
    """The newest heartbeat of a host in this process's buffer and in all batches."""
    now_ms = clock.to_ms(clock.now())
    here = buffer()
    here.read(now_ms, at_most_every_ms=at_most_every_ms)
    return here.heartbeat_of(key_of(host_id))
