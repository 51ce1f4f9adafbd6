"""What of a host is on sale: offered once at enrollment, and from then on only by an act of its owner.

A machine's report says what could be sold (`inventory.sellable`, its GPUs); `Capacity.offered_*` what its owner offers.
The second follows the first only by `offer`, in arithmetic steps under conditions, and never below what is leased. What
is offered and not reported is withheld until it is reported again: see `withholding`.
"""

from __future__ import annotations

from dataclasses import replace

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import Amounts, CapacityChange
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.capacity.slices import COUNTERS, change_free
from sharemtc.hosts.states import CLOSED
from sharemtc.hosts.table import Capacity, Device, Host, device_key
from sharemtc.problems import Conflict
from sharemtc.resources import Demand, Slice
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.wire import Inventory

MAX_STEPS = 4


class CapacityLeased(Conflict):
    """More is leased than the machine now reports: it cannot be taken off sale yet."""

    code, title = "capacity_leased", "Some of it is leased"


class HostNotSelling(Conflict):
    """The host was retired or banned."""

    code, title = "host_ended", "This host no longer takes part"


def offered(capacity: Capacity, host: Host) -> Slice:
    """What its owner put on sale altogether. What joined before this was kept sells what it reports."""
    sellable = host.inventory.sellable
    if capacity.offered_vcpus is None:
        return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, frozenset(capacity.free_gpus or ()))
    assert capacity.offered_memory_mib is not None
    assert capacity.offered_disk_gib is not None
    gpus = frozenset(capacity.offered_gpus or ())
    return Slice(capacity.offered_vcpus, capacity.offered_memory_mib, capacity.offered_disk_gib, gpus)


def withheld(capacity: Capacity) -> Slice:
    """What of it the machine does not have at present."""
    gpus = frozenset(capacity.withheld_gpus or ())
    return Slice(capacity.withheld_vcpus, capacity.withheld_memory_mib, capacity.withheld_disk_gib, gpus)


def free(capacity: Capacity) -> Slice:
    """What can be rented now."""
    counted, held = _counted(capacity), frozenset(capacity.withheld_gpus or ())
    return replace(counted, gpu_uuids=counted.gpu_uuids - held).or_more(Slice())


def on_sale(capacity: Capacity, host: Host) -> Slice:
    """What is on sale altogether, leased or not: offered and there, and what is leased in any case."""
    return offered(capacity, host).less(withheld(capacity)).or_more(leased(capacity, host))


def reported(host: Host) -> Slice:
    """What the machine says it could sell."""
    return reported_in(host.inventory)


def reported_in(inventory: Inventory) -> Slice:
    """The same by an inventory. A partitioned GPU is described, never sold, nor is one that cannot be asked."""
    sellable = inventory.sellable
    gpus = frozenset(gpu.uuid for gpu in inventory.gpus if inventory.gpus_known and not gpu.mig)
    return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, gpus)


def to_offer(capacity: Capacity, host: Host) -> Slice:
    """What `offer` puts on sale: what is reported. GPUs of which nothing is known now stay as they are."""
    found = reported(host)
    return found if host.inventory.gpus_known else replace(found, gpu_uuids=offered(capacity, host).gpu_uuids)


def leased(capacity: Capacity, host: Host) -> Slice:
    """What is taken of what is on sale."""
    sold, held = offered(capacity, host), withheld(capacity)
    # a withheld GPU stays in the set of those that are free
    return sold - replace(held, gpu_uuids=frozenset()) - _counted(capacity)


def gpus_of(model: str, part: Slice, host: Host) -> list[str]:
    """The UUIDs of the GPUs of that model in a part of the host."""
    return [gpu.uuid for gpu in host.inventory.gpus if gpu.model == model and gpu.uuid in part.gpu_uuids]


def choose(capacity: Capacity, host: Host, demand: Demand) -> Slice:
    """A slice that meets the demand; the GPUs are any of those that are free, so that racing buyers spread."""
    gpus = gpus_of(demand.gpu_model, free(capacity), host) if demand.gpu_model else []
    assert len(gpus) >= demand.gpus, demand
    chosen = frozenset(gpus.pop(clock.choose_index(len(gpus))) for _ in range(demand.gpus))
    return Slice(demand.vcpus, demand.memory_mib, demand.disk_gib, chosen)


def nothing_leased(capacity: Capacity, host: Host) -> Condition:
    """That all that is on sale is free at the moment of the write."""
    sold, held = offered(capacity, host), withheld(capacity)
    condition: Condition = (
        (Capacity.free_vcpus == sold.vcpus - held.vcpus)
        & (Capacity.free_memory_mib == sold.memory_mib - held.memory_mib)
        & (Capacity.free_disk_gib == sold.disk_gib - held.disk_gib)
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
        if not retry_on_conflict(lambda: _step(host, actor)):
            return


def _step(host: Host, actor: str) -> bool:
    """One write towards what is reported; False when there is nothing left to do."""
    host.refresh(consistent_read=True)
    capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
    if capacity.state in CLOSED:
        raise HostNotSelling
    sold, taken = offered(capacity, host), leased(capacity, host)
    wanted = to_offer(capacity, host)
    still = wanted.less(reported(host))
    if capacity.offered_vcpus is not None and (sold, withheld(capacity)) == (wanted, still):
        return False
    if not taken.fits_in(wanted):
        raise CapacityLeased(f"Leased: {taken}. The machine reports {wanted}. Try again when less is leased.")
    transaction = Transaction()
    _add_step(transaction, host, capacity, wanted, still)
    change = CapacityChange(before=Amounts.model_validate(sold), after=Amounts.model_validate(wanted))
    event_log.append(
        transaction, host.owner_id, EventType.HOST_CAPACITY_OFFERED, host.id,
        reason=EventReason.PROVIDER, actor=actor, at=clock.now(), data=change,
    )  # fmt: skip
    transaction.commit()
    return True


def _counted(capacity: Capacity) -> Slice:
    """What the counters say is free."""
    gpus = frozenset(capacity.free_gpus or ())
    return Slice(capacity.free_vcpus, capacity.free_memory_mib, capacity.free_disk_gib, gpus)


def _add_step(transaction: Transaction, host: Host, capacity: Capacity, wanted: Slice, still: Slice) -> None:
    """`still` is what of the new offer is withheld."""
    sold, held = offered(capacity, host), withheld(capacity)
    condition, actions = unmoved(capacity), withhold(still)
    for name in COUNTERS:
        more = getattr(wanted, name) - getattr(sold, name) + getattr(held, name)
        actions += [*change_free(name, more), getattr(Capacity, f"offered_{name}").set(getattr(wanted, name))]
        condition &= getattr(Capacity, f"free_{name}") >= -more
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
            transaction.check(device, Device.host_id == host.id, refused=WriteConflict())
    transaction.update(capacity, actions, condition, refused=WriteConflict())


def withhold(slice: Slice) -> list[Action]:
    """Note that so much of what is offered is withheld."""
    actions: list[Action] = [getattr(Capacity, f"withheld_{name}").set(getattr(slice, name)) for name in COUNTERS]
    gpus = Capacity.withheld_gpus
    return [*actions, gpus.set(set(slice.gpu_uuids)) if slice.gpu_uuids else gpus.remove()]


def unmoved(capacity: Capacity) -> Condition:
    """That what is offered and withheld is what was read; what is free may have moved, and the arithmetic holds."""
    gpus = capacity.withheld_gpus
    condition: Condition = Capacity.withheld_gpus == gpus if gpus else Capacity.withheld_gpus.does_not_exist()
    for name in COUNTERS:
        attribute, known = getattr(Capacity, f"withheld_{name}"), getattr(capacity, f"withheld_{name}")
        same = attribute == known
        condition &= same if known else same | attribute.does_not_exist()
    if capacity.offered_vcpus is None:
        return condition & Capacity.offered_vcpus.does_not_exist()
    condition &= (
        (Capacity.offered_vcpus == capacity.offered_vcpus)
        & (Capacity.offered_memory_mib == capacity.offered_memory_mib)
        & (Capacity.offered_disk_gib == capacity.offered_disk_gib)
    )
    gpus = capacity.offered_gpus
    condition &= Capacity.offered_gpus == gpus if gpus else Capacity.offered_gpus.does_not_exist()
    return condition
