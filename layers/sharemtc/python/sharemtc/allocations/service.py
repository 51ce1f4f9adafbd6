"""Opening an allocation, moving it through its states, and giving back what it holds.

Each function adds writes to the caller's transaction, so that capacity, money and the workload change together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sharemtc import clock, money
from sharemtc.allocations.placement import Size, Wish
from sharemtc.allocations.table import ENDED, Allocation, AllocationState, allocation_key, provider_month
from sharemtc.billing import meters
from sharemtc.billing.spending import Spender
from sharemtc.hosts.capacity import slices
from sharemtc.hosts.capacity.slices import Slice
from sharemtc.hosts.service import Standing
from sharemtc.money import Prices
from sharemtc.problems import NotFound
from sharemtc.storage.pages import Page, page, page_buckets
from sharemtc.storage.transactions import Moved, Transaction

# a provider's allocations are listed back so far
LISTED_MONTHS = 24


class SliceGone(Moved):
    """The proposed host no longer covers the slice: another buyer was first, or it left."""

    code, title = "slice_gone", "The machine was just taken"


class AllocationMoved(Moved):
    """Another writer changed the allocation first."""

    code, title = "allocation_moved", "The allocation changed meanwhile"


def open_allocation(
    transaction: Transaction,
    at: Standing,
    *,
    spender: Spender,
    workload_id: str,
    wish: Wish,
    prices: Prices,
    now: datetime,
) -> Allocation:
    """Take the slice, hold its price, create the allocation.

    Refused with `SliceGone`, `InsufficientFunds` or `CapReached`.
    """
    lines = money.price_lines(prices, vcpus=wish.vcpus, memory_mib=wish.memory_mib, disk_gib=wish.disk_gib)
    allocation = Allocation(
        "",
        "ALLOCATION",
        id=clock.new_id("alc"),
        user_id=spender.user_id,
        provider_id=at.host.owner_id,
        provider_month=provider_month(at.host.owner_id, now),
        host_id=at.host.id,
        live_host_id=at.host.id,
        workload_id=workload_id,
        state=AllocationState.RESERVED,
        version=1,
        vcpus=wish.vcpus,
        memory_mib=wish.memory_mib,
        disk_gib=wish.disk_gib,
        held_vcpus=wish.vcpus,
        held_memory_mib=wish.memory_mib,
        held_disk_gib=wish.disk_gib,
        running_rate_nanos_per_hour=money.running_rate(lines),
        stopped_rate_nanos_per_hour=money.stopped_rate(lines),
        created_at=now,
    )
    allocation.pk = allocation_key(allocation.id)
    slices.take(transaction, at.host.id, _whole(allocation), epoch=at.capacity.epoch, refused=SliceGone())
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
    """A stopped machine gives back its processors and memory and keeps its disk."""
    held = _held(allocation).without_disk()
    slices.give_back(transaction, allocation.host_id, held)
    allocation.held_vcpus = allocation.held_memory_mib = 0
    allocation.state = AllocationState.STOPPED
    _save(transaction, allocation)


def released(allocation: Allocation) -> Size:
    """What a stopped machine has given back and needs to start."""
    return Size(allocation.vcpus - allocation.held_vcpus, allocation.memory_mib - allocation.held_memory_mib, 0)


def retake_processors(transaction: Transaction, allocation: Allocation, epoch: int) -> None:
    """A stopped machine that starts again takes its processors and memory, if they are free. Refused: `SliceGone`."""
    slices.take(transaction, allocation.host_id, Slice(*released(allocation)), epoch=epoch, refused=SliceGone())
    allocation.held_vcpus, allocation.held_memory_mib = allocation.vcpus, allocation.memory_mib
    allocation.state = AllocationState.PROVISIONING
    _save(transaction, allocation)


def relocate(
    transaction: Transaction, allocation: Allocation, at: Standing, *, proved_clean: bool, now: datetime
) -> None:
    """Move the allocation to another host. Refused: `SliceGone`.

    The old slice is given back if its host has proved that it holds nothing; otherwise it stays taken, in an
    allocation that nobody pays for, until the host has proved it (`end_leftovers`).
    """
    if proved_clean:
        slices.give_back(transaction, allocation.host_id, _held(allocation))
    else:
        transaction.create(_leftover(allocation, now))
    slices.take(transaction, at.host.id, _whole(allocation), epoch=at.capacity.epoch, refused=SliceGone())
    allocation.host_id = allocation.live_host_id = at.host.id
    allocation.provider_id = at.host.owner_id
    allocation.provider_month = provider_month(at.host.owner_id, allocation.created_at)
    allocation.held_vcpus, allocation.held_memory_mib = allocation.vcpus, allocation.memory_mib
    allocation.held_disk_gib, allocation.state = allocation.disk_gib, AllocationState.RESERVED
    _save(transaction, allocation)


def _leftover(allocation: Allocation, now: datetime) -> Allocation:
    leftover = Allocation("", "ALLOCATION", **{**_values(allocation), "id": clock.new_id("alc")})
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
    slices.give_back(transaction, allocation.host_id, _held(allocation))
    allocation.held_vcpus = allocation.held_memory_mib = allocation.held_disk_gib = 0
    allocation.state, allocation.live_host_id, allocation.awaits_proof = state, None, False
    allocation.ended_at = allocation.ended_at or at
    _save(transaction, allocation)


def _values(allocation: Allocation) -> dict[str, Any]:
    return {name: value for name, value in allocation.attribute_values.items() if name not in ("pk", "sk")}


def _whole(allocation: Allocation) -> Slice:
    return Slice(allocation.vcpus, allocation.memory_mib, allocation.disk_gib)


def _held(allocation: Allocation) -> Slice:
    return Slice(allocation.held_vcpus, allocation.held_memory_mib, allocation.held_disk_gib)


def _save(transaction: Transaction, allocation: Allocation) -> None:
    seen = allocation.version
    allocation.version = seen + 1
    transaction.put(allocation, Allocation.version == seen, refused=AllocationMoved())
