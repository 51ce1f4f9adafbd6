"""The numbers of a host's requests: each grows, and what must count once spends its own.

A heartbeat spends its number in the lease itself (`beats`). What else changes something for good (a drain, a
retirement, a self-test) spends it here, because a copy of such a request would undo what was decided since. Progress,
results and telemetry need none of this: they name what they are about, and told twice they count once.
"""

from __future__ import annotations

from sharemtc.hosts.table import LEASE, Lease, host_key
from sharemtc.problems import Conflict


class StaleSequence(Conflict):
    """A replayed or reordered request: nothing changes. `last_seq` of a heartbeat's is the number that is known."""

    code, title = "stale_sequence", "A newer request of this host is known already"


def spend(host_id: str, seq: int) -> None:
    """Use the number of a host's request up. Errors: `StaleSequence` where it is, or a later request was heard."""
    newest = (Lease.seq < seq) & (Lease.spent_seq.does_not_exist() | (Lease.spent_seq < seq))
    if not Lease(host_key(host_id), LEASE).update_if([Lease.spent_seq.set(seq)], newest):
        raise StaleSequence
