"""Declaring lost what only an unreachable host could prove to have ended: a workload by its owner, a host by operators.

A lost workload is billed up to its last proven instant, and its renter sees what was not charged. After an owner's
declaration its slice stays taken until the host proves that it holds nothing of it. A host that operators declare lost
is retired and never sells again, so its slices are written off.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sharemtc import clock
from sharemtc.allocations import service as allocations
from sharemtc.allocations.states import AllocationState
from sharemtc.billing import accruals
from sharemtc.billing.accruals import Metered
from sharemtc.events.kinds import EventReason
from sharemtc.hosts import transitions
from sharemtc.hosts.states import StateReason
from sharemtc.hosts.transitions import HostStillOnline
from sharemtc.idempotency import Claim
from sharemtc.independent import independent
from sharemtc.problems import Conflict
from sharemtc.schemas import rfc3339
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.workloads import table
from sharemtc.workloads.kinds import Kind
from sharemtc.workloads.lifecycle import mark_lost
from sharemtc.workloads.schemas import WorkloadView
from sharemtc.workloads.states import ENDED, LOST_AFTER
from sharemtc.workloads.table import Workload

if TYPE_CHECKING:
    from sharemtc.hosts.table import Host

V = TypeVar("V", bound=WorkloadView)
BY_OWNER = "Declared lost by its owner after a day without heartbeats of its host."
OPERATOR = "operator"
BY_OPERATOR = "An operator declared the host lost."


class WorkloadEnded(Conflict):
    code, title = "workload_ended", "This workload has already ended"


def declare_lost(kind: Kind[Any, V], workload: Workload, owner_id: str, claim: Claim) -> V:
    """End the owner's workload as lost. Errors: `WorkloadEnded`, `HostStillOnline`."""

    def decide() -> None:
        workload.refresh(consistent_read=True)
        if workload.observed in ENDED:
            raise WorkloadEnded
        possible_from = accruals.find(workload.allocation_id).silent_since + LOST_AFTER
        if possible_from > clock.now():
            detail = f"A workload can be declared lost after a day without heartbeats: from {possible_from:%F %T} UTC."
            raise HostStillOnline(detail, possible_from=rfc3339(possible_from))
        mark_lost(
            workload, reason=EventReason.DECLARED_LOST, actor=owner_id, detail=BY_OWNER, proved_gone=False, also=record
        )

    def record(transaction: Transaction, metered: Metered) -> None:
        claim.record(transaction, kind.view(workload, metered, clock.now()))

    retry_on_conflict(decide)
    return kind.read(workload)


def write_off(host: Host) -> int:
    """End everything on a host that was declared lost, and retire it; the number of ended workloads. Idempotent."""
    transitions.drain(host, reason=StateReason.DECLARED_LOST, actor=OPERATOR, detail=host.lost_reason or "")
    ended = 0
    with independent() as each:
        for live in allocations.live_on(host.id):
            with each.one(live.id):
                ended += retry_on_conflict(partial(_end, live.id))
        # the next call ends what the index did not show yet
        with suppress(transitions.WorkloadsLeft):
            transitions.retire(host, reason=StateReason.DECLARED_LOST, actor=OPERATOR, detail=host.lost_reason or "")
    return ended


def _end(allocation_id: str) -> bool:
    """End an allocation with its workload; leftovers of one that is elsewhere or has ended alone."""
    allocation = allocations.find(allocation_id)
    if allocation.live_host_id is None:
        return False
    workload = table.find(allocation.workload_id)
    if workload is not None and workload.allocation_id == allocation.id and workload.observed not in ENDED:
        mark_lost(workload, reason=EventReason.DECLARED_LOST, actor=OPERATOR, detail=BY_OPERATOR)
        return True
    transaction = Transaction()
    allocations.end(transaction, allocation, AllocationState.LOST, clock.now())
    transaction.commit()
    return False
