"""Sequences of a host's requests: each is higher than the last, and a request that may count only once spends its own.

A heartbeat spends its sequence in the lease itself (`heartbeats`). Other requests with lasting effects (a drain, a
retirement, a self-test) spend theirs here, because a replay would undo later decisions. Progress, results and telemetry
name what they are about and are idempotent.
"""

from __future__ import annotations

from sharemtc.hosts.table import LEASE, Lease, host_key
from sharemtc.problems import Conflict


class StaleSequence(Conflict):
    """A replayed or reordered request: nothing changes. `last_seq` of a heartbeat is the known sequence."""

    code, title = "stale_sequence", "A newer request of this host was received"


def spend(host_id: str, seq: int) -> None:
    """Use up a request's sequence. Errors: `StaleSequence` if it, or a later one, was used."""
    newest = (Lease.seq < seq) & (Lease.spent_seq.does_not_exist() | (Lease.spent_seq < seq))
    if not Lease(host_key(host_id), LEASE).update_if([Lease.spent_seq.set(seq)], newest):
        raise StaleSequence
