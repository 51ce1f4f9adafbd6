"""Opening an allocation, moving it through its states, and giving back what it holds.

Each function adds writes to the caller's transaction, so that capacity, money and the workload change together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sharemtc import clock, money
from sharemtc.allocations import placement
from sharemtc.allocations.placement import Wish
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
from sharemtc.storage.pages import Page, page, page_buckets
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import MAX_GPUS

# a provider's allocations are listed back so far
LISTED_MONTHS = 24


class SliceGone(WriteConflict):
    """The proposed host no longer covers the slice: another buyer was first, or it left."""

    code, title = "slice_gone", "The machine was just taken"


class AllocationMoved(WriteConflict):
    """Another writer changed the allocation first."""

    code, title = "allocation_moved", "The allocation changed meanwhile"


def in_turn(proposed: Iterable[HostStatus], wish: Wish) -> Iterator[HostStatus]:
    """The hosts to try, one after the other. One whose GPU another buyer took is tried again as long as it has more."""
    for at in proposed:
        yield at
        for _ in range(MAX_GPUS if wish.demand.gpus else 0):
            at = hosts.status_of(at.host)
            if not placement.candidates([at], wish):
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

    Refused with `SliceGone`, `InsufficientFunds` or `CapReached`.
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
    """The allocation. Errors: `NotFound`."""
    allocation = Allocation.find(allocation_key(allocation_id), "ALLOCATION")
    if allocation is None:
        raise NotFound
    return allocation


def of_user(user_id: str, *, limit: int, cursor: str | None) -> Page[Allocation]:
    """A user's allocations, newest first."""
    return page(Allocation.by_user, user_id, limit=limit, cursor=cursor)


def of_provider(
    provider_id: str, *, limit: int, cursor: str | None, keep: Callable[[Allocation], bool] | None = None
) -> Page[Allocation]:
    """What a provider's hosts carry and carried, newest first, by the month in which it was opened."""
    month, buckets = clock.now(), []
    for _ in range(LISTED_MONTHS):
        buckets.append(provider_month(provider_id, month))
        month = month.replace(day=1) - timedelta(days=1)
    return page_buckets(Allocation.by_provider, buckets, limit=limit, cursor=cursor, keep=keep)


def live_on(host_id: str) -> list[Allocation]:
    """The allocations that hold a slice of the host."""
    return list(Allocation.live_by_host.query(host_id))


def move(transaction: Transaction, allocation: Allocation, state: AllocationState) -> None:
    """Move the allocation to a state in which it holds what it holds now."""
    assert state not in ENDED
    allocation.state = state
    _save(transaction, allocation)


def release_processors(transaction: Transaction, allocation: Allocation) -> None:
    """A stopped workload gives back its processors, memory and GPUs and keeps its disk."""
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
    """A stopped workload that starts again takes what it gave back, any GPUs of the model. Refused: `SliceGone`."""
    taken = offering.choose(at.capacity, at.host, released(allocation))
    _take(transaction, allocation, taken, at)
    allocation.held += taken
    allocation.state = AllocationState.PROVISIONING
    _save(transaction, allocation)


def relocate(
    transaction: Transaction, allocation: Allocation, at: HostStatus, *, proved_clean: bool, now: datetime
) -> None:
    """Move the allocation to another host. Refused: `SliceGone`.

    The old slice is given back if its host has proved that it holds nothing; otherwise it stays taken, in an
    allocation that nobody pays for, until the host has proved it (`end_leftovers`).
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


def end_leftovers(host_id: str, present: frozenset[str], heard_at: datetime, *, margin: timedelta) -> int:
    """Give back the slices of ended workloads that the host, heard at `heard_at`, no longer lists; how many.

    `margin` is how long after the end an order that was under way could still have made the workload appear.
    """
    ended = 0
    for live in live_on(host_id):
        allocation = find(live.id)
        waiting = allocation.state is AllocationState.TERMINATING and allocation.awaits_proof
        if (
            not waiting
            or allocation.ended_at is None
            or allocation.workload_id in present
            or heard_at <= allocation.ended_at + margin
        ):
            continue
        transaction = Transaction()
        end(transaction, allocation, AllocationState.TERMINATED, clock.now())
        transaction.commit()
        ended += 1
    return ended


def leave_for_proof(transaction: Transaction, allocation: Allocation, now: datetime) -> None:
    """The workload is over, but its host has not said so: the slice stays taken until it has."""
    allocation.state, allocation.awaits_proof, allocation.ended_at = AllocationState.TERMINATING, True, now
    _save(transaction, allocation)


def end(transaction: Transaction, allocation: Allocation, state: AllocationState, at: datetime) -> None:
    """End the allocation, on proof that its host holds nothing of it, and give back all that it held."""
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
    transaction.put(allocation, Allocation.version == seen, refused=AllocationMoved())
