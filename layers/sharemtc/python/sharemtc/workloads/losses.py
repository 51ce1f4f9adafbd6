"""Declaring lost what only a dead host could prove to be over: a workload by its owner, a host by operators.

A lost workload ends at its last proven second, its book closes, and its renter is told what was not charged. After an
owner's declaration its slice stays taken until the host proves that it holds nothing of it. A host that operators
declare lost is retired: it never sells again, so what it held is written off.
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
from sharemtc.hosts.transitions import HostStillHeard
from sharemtc.idempotency import Claim
from sharemtc.independent import independent
from sharemtc.problems import Conflict
from sharemtc.schemas import rfc3339
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.workloads import table
from sharemtc.workloads.kinds import Kind
from sharemtc.workloads.lifecycle import lose
from sharemtc.workloads.schemas import WorkloadView
from sharemtc.workloads.states import ENDED, LOST_AFTER
from sharemtc.workloads.table import Workload

if TYPE_CHECKING:
    from sharemtc.hosts.table import Host

V = TypeVar("V", bound=WorkloadView)
BY_OWNER = "Its owner declared it lost: its host has not been heard for a day."
OPERATOR = "operator"
BY_OPERATOR = "An operator declared its host lost."


class WorkloadEnded(Conflict):
    """It is over already."""

    code, title = "workload_ended", "This workload has ended already"


def declare_lost(kind: Kind[Any, V], workload: Workload, owner_id: str, claim: Claim) -> V:
    """End the owner's workload as lost. Errors: `WorkloadEnded`, `HostStillHeard`."""

    def decide() -> None:
        workload.refresh(consistent_read=True)
        if workload.observed in ENDED:
            raise WorkloadEnded
        possible_from = accruals.find(workload.allocation_id).silent_since + LOST_AFTER
        if possible_from > clock.now():
            detail = f"It can be declared lost when its host has been silent for a day: from {possible_from:%F %T} UTC."
            raise HostStillHeard(detail, possible_from=rfc3339(possible_from))
        lose(
            workload, reason=EventReason.DECLARED_LOST, actor=owner_id, detail=BY_OWNER, proved_gone=False, also=record
        )

    def record(transaction: Transaction, metered: Metered) -> None:
        claim.record(transaction, kind.view(workload, metered, clock.now()))

    retry_on_conflict(decide)
    return kind.view(workload, accruals.find(workload.allocation_id), clock.now())


def write_off(host: Host) -> int:
    """End all that is on a host that was declared lost, and retire it; how many workloads ended. Again, it goes on."""
    transitions.drain(host, reason=StateReason.DECLARED_LOST, actor=OPERATOR, detail=host.lost_reason or "")
    ended = 0
    with independent() as each:
        for live in allocations.live_on(host.id):
            with each.one(live.id):
                ended += retry_on_conflict(partial(_end, live.id))
        # what the index did not show yet is ended by the next call
        with suppress(transitions.WorkloadsLeft):
            transitions.retire(host, reason=StateReason.DECLARED_LOST, actor=OPERATOR, detail=host.lost_reason or "")
    return ended


def _end(allocation_id: str) -> bool:
    """End one allocation with its workload; what is left of a workload that is elsewhere or over ends by itself."""
    allocation = allocations.find(allocation_id)
    if allocation.live_host_id is None:
        return False
    workload = table.find(allocation.workload_id)
    if workload is not None and workload.allocation_id == allocation.id and workload.observed not in ENDED:
        lose(workload, reason=EventReason.DECLARED_LOST, actor=OPERATOR, detail=BY_OPERATOR)
        return True
    transaction = Transaction()
    allocations.end(transaction, allocation, AllocationState.LOST, clock.now())
    transaction.commit()
    return False
