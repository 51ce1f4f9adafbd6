"""Opening an allocation, changing its state, and releasing its slice.

Each function adds writes to the caller's transaction, so that capacity, money and the workload change together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sharemtc import clock, money
from sharemtc.allocations import placement
from sharemtc.allocations.placement import Requirements
from sharemtc.allocations.states import ENDED, AllocationState
from sharemtc.allocations.table import Allocation, allocation_key, provider_month
from sharemtc.billing import meters
from sharemtc.billing.spending import Spender
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity import offering, slices
from sharemtc.hosts.service import HostStatus
from sharemtc.ids import IdKind, new_id
from sharemtc.money import Prices
from sharemtc.problems import NotFound
from sharemtc.resources import Demand, Slice
from sharemtc.storage.pages import Page, page_buckets
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import MAX_GPUS

# how far back a provider's allocations are listed
LISTED_MONTHS = 24


class SliceGone(WriteConflict):
    """The proposed host no longer covers the slice: another renter was first, or it went away."""

    code, title = "slice_gone", "The capacity was just taken"


class AllocationConflict(WriteConflict):
    """Another writer changed the allocation first."""

    code, title = "allocation_moved", "The allocation changed meanwhile"


def hosts_to_try(proposed: Iterable[HostStatus], requirements: Requirements) -> Iterator[HostStatus]:
    """The hosts one after the other. One whose GPU was just taken comes again as long as it has enough."""
    for at in proposed:
        yield at
        for _ in range(MAX_GPUS if requirements.demand.gpus else 0):
            at = hosts.status_of(at.host)
            if not placement.candidates([at], requirements):
                break
            yield at


def open_allocation(
    transaction: Transaction,
    at: HostStatus,
    *,
    spender: Spender,
    workload_id: str,
    demand: Demand,
    prices: Prices,
    now: datetime,
) -> Allocation:
    """Take the slice, hold its price, create the allocation.

    Refused: `SliceGone`, `InsufficientFunds`, `CapReached`.
    """
    lines = money.price_lines(prices, demand)
    allocation = Allocation(
        "",
        "ALLOCATION",
        id=new_id(IdKind.ALLOCATION),
        user_id=spender.user_id,
        provider_id=at.host.owner_id,
        provider_month=provider_month(at.host.owner_id, now),
        host_id=at.host.id,
        live_host_id=at.host.id,
        workload_id=workload_id,
        state=AllocationState.RESERVED,
        version=1,
        demand=demand,
        held=offering.choose(at.capacity, at.host, demand),
        running_rate_nanos_per_hour=money.running_rate(lines),
        stopped_rate_nanos_per_hour=money.stopped_rate(lines),
        created_at=now,
    )
    allocation.pk = allocation_key(allocation.id)
    _take(transaction, allocation, allocation.held, at)
    transaction.create(allocation)
    meters.open_meter(
        transaction,
        spender,
        allocation.id,
        meters.Parties(spender.user_id, allocation.provider_id, allocation.host_id, workload_id),
        hold_rate_nanos_per_hour=allocation.running_rate_nanos_per_hour,
        at=now,
    )
    return allocation


def find(allocation_id: str) -> Allocation:
    """Errors: `NotFound`."""
    allocation = Allocation.find(allocation_key(allocation_id), "ALLOCATION")
    if allocation is None:
        raise NotFound
    return allocation


def of_provider(
    provider_id: str, *, limit: int, cursor: str | None, keep: Callable[[Allocation], bool] | None = None
) -> Page[Allocation]:
    """Past and present allocations on a provider's hosts, by the month in which they were opened, newest first."""
    month, buckets = clock.now(), []
    for _ in range(LISTED_MONTHS):
        buckets.append(provider_month(provider_id, month))
        month = month.replace(day=1) - timedelta(days=1)
    return page_buckets(Allocation.by_provider, buckets, limit=limit, cursor=cursor, keep=keep)


def live_on(host_id: str) -> list[Allocation]:
    """The allocations that hold a slice of the host."""
    return list(Allocation.live_by_host.query(host_id))


def change_state(transaction: Transaction, allocation: Allocation, state: AllocationState) -> None:
    """Change to a state that holds the same slice."""
    assert state not in ENDED
    allocation.state = state
    _save(transaction, allocation)


def release_processors(transaction: Transaction, allocation: Allocation) -> None:
    """Give back the processors, memory and GPUs of a stopped workload, which keeps its disk."""
    given = allocation.held.without_disk()
    _give_back(transaction, allocation, given)
    allocation.held -= given
    allocation.state = AllocationState.STOPPED
    _save(transaction, allocation)


def released(allocation: Allocation) -> Demand:
    """What a stopped workload has given back and needs to start."""
    demand: Demand = allocation.demand
    return demand.less(allocation.held)


def retake_processors(transaction: Transaction, allocation: Allocation, at: HostStatus) -> None:
    """Take again what a stopped workload gave back, with any GPUs of the model. Refused: `SliceGone`."""
    taken = offering.choose(at.capacity, at.host, released(allocation))
    _take(transaction, allocation, taken, at)
    allocation.held += taken
    allocation.state = AllocationState.PROVISIONING
    _save(transaction, allocation)


def relocate(
    transaction: Transaction, allocation: Allocation, at: HostStatus, *, proved_clean: bool, now: datetime
) -> None:
    """Move the allocation to another host. Refused: `SliceGone`.

    The old slice is released if its host has proved that it holds nothing; otherwise it stays taken, in an allocation
    that is not billed, until the host has proved it (`end_leftovers`).
    """
    if proved_clean:
        _give_back(transaction, allocation, allocation.held)
    else:
        leftover = _leftover(allocation, now)
        slices.hand_over(transaction, allocation.held, of=allocation.id, to=leftover.id)
        transaction.create(leftover)
    allocation.held = offering.choose(at.capacity, at.host, allocation.demand)
    _take(transaction, allocation, allocation.held, at)
    allocation.host_id = allocation.live_host_id = at.host.id
    allocation.provider_id = at.host.owner_id
    allocation.provider_month = provider_month(at.host.owner_id, allocation.created_at)
    allocation.state = AllocationState.RESERVED
    _save(transaction, allocation)


def _leftover(allocation: Allocation, now: datetime) -> Allocation:
    leftover = Allocation("", "ALLOCATION", **{**_values(allocation), "id": new_id(IdKind.ALLOCATION)})
    leftover.pk, leftover.version = allocation_key(leftover.id), 1
    leftover.state, leftover.awaits_proof, leftover.ended_at = AllocationState.TERMINATING, True, now
    return leftover


def end_leftovers(host_id: str, present: frozenset[str], last_heartbeat_at: datetime, *, margin: timedelta) -> int:
    """Release the slices of ended workloads that the host no longer lists; the number released.

    `margin` is how long after the end a command in progress could still have created the workload.
    """
    ended = 0
    for live in live_on(host_id):
        allocation = find(live.id)
        waiting = allocation.state is AllocationState.TERMINATING and allocation.awaits_proof
        if (
            not waiting
            or allocation.ended_at is None
            or allocation.workload_id in present
            or last_heartbeat_at <= allocation.ended_at + margin
        ):
            continue
        transaction = Transaction()
        end(transaction, allocation, AllocationState.TERMINATED, clock.now())
        transaction.commit()
        ended += 1
    return ended


def await_proof(transaction: Transaction, allocation: Allocation, now: datetime) -> None:
    """End a workload without proof of its host: the slice stays taken until the host proves it."""
    allocation.state, allocation.awaits_proof, allocation.ended_at = AllocationState.TERMINATING, True, now
    _save(transaction, allocation)


def end(transaction: Transaction, allocation: Allocation, state: AllocationState, at: datetime) -> None:
    """End the allocation, proven to have ended, and release all that it holds."""
    assert state in ENDED
    _give_back(transaction, allocation, allocation.held)
    allocation.held = Slice()
    allocation.state, allocation.live_host_id, allocation.awaits_proof = state, None, False
    allocation.ended_at = allocation.ended_at or at
    _save(transaction, allocation)


def _values(allocation: Allocation) -> dict[str, Any]:
    return {name: value for name, value in allocation.attribute_values.items() if name not in ("pk", "sk")}


def _take(transaction: Transaction, allocation: Allocation, part: Slice, at: HostStatus) -> None:
    slices.take(transaction, at.host.id, part, by=allocation.id, epoch=at.capacity.epoch, refused=SliceGone())


def _give_back(transaction: Transaction, allocation: Allocation, part: Slice) -> None:
    slices.give_back(transaction, allocation.host_id, part, by=allocation.id)


def _save(transaction: Transaction, allocation: Allocation) -> None:
    seen = allocation.version
    allocation.version = seen + 1
    transaction.put(allocation, Allocation.version == seen, refused=AllocationConflict())
