"""What of a host is on sale: offered once at enrolment, and from then on only by an act of its owner.

A machine's report says what could be sold (`inventory.sellable`, its GPUs); `Capacity.offered_*` what is. The second
follows the first only by `offer`, in arithmetic steps under conditions, and never below what is leased.
"""

from __future__ import annotations

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.dynamo import Moved, Transaction, decide_again
from sharemtc.events import service as event_log
from sharemtc.hosts.capacity import Slice
from sharemtc.hosts.liveness import read_state
from sharemtc.hosts.states import CLOSED, StateReason
from sharemtc.hosts.table import Capacity, Device, Host, device_key
from sharemtc.problems import Conflict

COUNTERS = ("vcpus", "memory_mib", "disk_gib")
MAX_STEPS = 4


class CapacityLeased(Conflict):
    """More is leased than the machine now reports: it cannot be taken off sale yet."""

    code, title = "capacity_leased", "Some of it is leased"


class HostNotSelling(Conflict):
    """The host was retired or banned."""

    code, title = "host_ended", "This host no longer takes part"


def offered(capacity: Capacity, host: Host) -> Slice:
    """What is on sale altogether, leased or not. What joined before this was kept sells what it reports."""
    sellable = host.inventory.sellable
    if capacity.offered_vcpus is None:
        return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, frozenset(capacity.free_gpus or ()))
    assert capacity.offered_memory_mib is not None
    assert capacity.offered_disk_gib is not None
    gpus = frozenset(capacity.offered_gpus or ())
    return Slice(capacity.offered_vcpus, capacity.offered_memory_mib, capacity.offered_disk_gib, gpus)


def reported(host: Host) -> Slice:
    """What the machine says it could sell. A partitioned GPU is described, never sold."""
    sellable = host.inventory.sellable
    gpus = frozenset(gpu.uuid for gpu in host.inventory.gpus if not gpu.mig)
    return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, gpus)


def leased(capacity: Capacity, host: Host) -> Slice:
    """What is taken of what is on sale."""
    sold = offered(capacity, host)
    return Slice(
        sold.vcpus - capacity.free_vcpus,
        sold.memory_mib - capacity.free_memory_mib,
        sold.disk_gib - capacity.free_disk_gib,
        sold.gpu_uuids - (capacity.free_gpus or set()),
    )


def nothing_leased(capacity: Capacity, host: Host) -> Condition:
    """That all that is on sale is free at the moment of the write."""
    sold = offered(capacity, host)
    condition: Condition = (
        (Capacity.free_vcpus == sold.vcpus)
        & (Capacity.free_memory_mib == sold.memory_mib)
        & (Capacity.free_disk_gib == sold.disk_gib)
    )
    for uuid in sorted(sold.gpu_uuids):
        condition &= Capacity.free_gpus.contains(uuid)
    return condition


def offer(host: Host, *, actor: str) -> None:
    """Put on sale what the machine now reports, no more and no less. Done again, it changes nothing.

    Errors: `CapacityLeased`, `HostNotSelling`.
    """
    # a set of a record can be shrunk or grown in one write, not both
    for _ in range(MAX_STEPS):
        if not decide_again(lambda: _step(host, actor)):
            return


def _step(host: Host, actor: str) -> bool:
    """One write towards what is reported; False when there is nothing left to do."""
    host.refresh(consistent_read=True)
    capacity, _ = read_state(host.id)
    if capacity.state in CLOSED:
        raise HostNotSelling
    sold, wanted, taken = offered(capacity, host), reported(host), leased(capacity, host)
    if capacity.offered_vcpus is not None and sold == wanted:
        return False
    if any(getattr(wanted, name) < getattr(taken, name) for name in COUNTERS) or taken.gpu_uuids - wanted.gpu_uuids:
        raise CapacityLeased(f"Leased: {taken}. The machine reports {wanted}. Try again when less is leased.")
    transaction = Transaction()
    _add_step(transaction, host, capacity, sold, wanted)
    detail = f"from {sold} to {wanted}"
    event_log.append(
        transaction, host.owner_id, "host.capacity_offered", host.id,
        reason=StateReason.PROVIDER, actor=actor, at=clock.now(), detail=detail,
    )  # fmt: skip
    transaction.commit()
    return True


def _add_step(transaction: Transaction, host: Host, capacity: Capacity, sold: Slice, wanted: Slice) -> None:
    condition, actions = _unmoved(capacity), list[Action]()
    for name in COUNTERS:
        free, more = getattr(Capacity, f"free_{name}"), getattr(wanted, name) - getattr(sold, name)
        actions += [free.set(free + more), getattr(Capacity, f"offered_{name}").set(getattr(wanted, name))]
        condition &= free >= -more
    added, removed = wanted.gpu_uuids - sold.gpu_uuids, sold.gpu_uuids - wanted.gpu_uuids
    if capacity.offered_vcpus is None and sold.gpu_uuids:
        actions.append(Capacity.offered_gpus.set(set(sold.gpu_uuids)))
    elif removed:
        actions += [Capacity.free_gpus.delete(set(removed)), Capacity.offered_gpus.delete(set(removed))]
        for uuid in sorted(removed):
            condition &= Capacity.free_gpus.contains(uuid)
    elif added:
        actions += [Capacity.free_gpus.add(set(added)), Capacity.offered_gpus.add(set(added))]
        for uuid in sorted(added):
            device = Device(device_key(uuid), "DEVICE")
            transaction.check(device, Device.host_id == host.id, refused=Moved())
    transaction.update(capacity, actions, condition, refused=Moved())


def _unmoved(capacity: Capacity) -> Condition:
    """That what is on sale is what was read; what is free may have moved, and the arithmetic holds."""
    if capacity.offered_vcpus is None:
        return Capacity.offered_vcpus.does_not_exist()
    condition: Condition = (
        (Capacity.offered_vcpus == capacity.offered_vcpus)
        & (Capacity.offered_memory_mib == capacity.offered_memory_mib)
        & (Capacity.offered_disk_gib == capacity.offered_disk_gib)
    )
    gpus = capacity.offered_gpus
    condition &= Capacity.offered_gpus == gpus if gpus else Capacity.offered_gpus.does_not_exist()
    return condition
