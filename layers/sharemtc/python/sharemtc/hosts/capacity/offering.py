"""The capacity that a host offers: set at enrollment, then changed only by its owner.

The inventory reports what could be sold (`inventory.sellable`, GPUs); `Capacity.offered_*` is what the owner offers.
`offer` brings the second to the first, in conditional arithmetic updates, and never below what is leased. Offered
capacity that is not reported is withheld until it is reported again: see `withholding`.
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
from sharemtc.hosts.state_changes import HostEnded
from sharemtc.hosts.states import CLOSED
from sharemtc.hosts.table import Capacity, Device, Host, device_key
from sharemtc.problems import Conflict
from sharemtc.resources import Demand, Slice
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.wire import Inventory

MAX_STEPS = 4


class CapacityLeased(Conflict):
    """More is leased than the host now reports: it cannot be taken off the market yet."""

    code, title = "capacity_leased", "Capacity is still leased"


def offered(capacity: Capacity, host: Host) -> Slice:
    """All capacity that the owner offers. A host from before offers were stored offers what it reports."""
    sellable = host.inventory.sellable
    if capacity.offered_vcpus is None:
        return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, frozenset(capacity.free_gpus or ()))
    assert capacity.offered_memory_mib is not None
    assert capacity.offered_disk_gib is not None
    gpus = frozenset(capacity.offered_gpus or ())
    return Slice(capacity.offered_vcpus, capacity.offered_memory_mib, capacity.offered_disk_gib, gpus)


def withheld(capacity: Capacity) -> Slice:
    """Offered capacity that the host does not have at present."""
    gpus = frozenset(capacity.withheld_gpus or ())
    return Slice(capacity.withheld_vcpus, capacity.withheld_memory_mib, capacity.withheld_disk_gib, gpus)


def free(capacity: Capacity) -> Slice:
    """Capacity that can be rented now."""
    counters, held = _free_counters(capacity), frozenset(capacity.withheld_gpus or ())
    return replace(counters, gpu_uuids=counters.gpu_uuids - held).or_more(Slice())


def on_sale(capacity: Capacity, host: Host) -> Slice:
    """All capacity on the market, leased or not: offered and not withheld, and whatever is leased."""
    return offered(capacity, host).less(withheld(capacity)).or_more(leased(capacity, host))


def reported(host: Host) -> Slice:
    return reported_in(host.inventory)


def reported_in(inventory: Inventory) -> Slice:
    """The capacity that an inventory reports. GPUs that are partitioned, or unknown to the driver, are not sold."""
    sellable = inventory.sellable
    gpus = frozenset(gpu.uuid for gpu in inventory.gpus if inventory.gpus_known and not gpu.mig)
    return Slice(sellable.vcpus, sellable.memory_mib, sellable.disk_gib, gpus)


def to_offer(capacity: Capacity, host: Host) -> Slice:
    """The capacity that `offer` puts on the market: what is reported. Unknown GPUs stay as they are offered."""
    found = reported(host)
    return found if host.inventory.gpus_known else replace(found, gpu_uuids=offered(capacity, host).gpu_uuids)


def leased(capacity: Capacity, host: Host) -> Slice:
    sold, held = offered(capacity, host), withheld(capacity)
    # a withheld GPU stays in the set of those that are free
    return sold - replace(held, gpu_uuids=frozenset()) - _free_counters(capacity)


def gpus_of(model: str, slice: Slice, host: Host) -> list[str]:
    """The UUIDs of the GPUs of that model in a slice of the host."""
    return [gpu.uuid for gpu in host.inventory.gpus if gpu.model == model and gpu.uuid in slice.gpu_uuids]


def choose(capacity: Capacity, host: Host, demand: Demand) -> Slice:
    """A slice that meets the demand; its GPUs are random free ones, so that concurrent renters rarely conflict."""
    gpus = gpus_of(demand.gpu_model, free(capacity), host) if demand.gpu_model else []
    assert len(gpus) >= demand.gpus, demand
    chosen = frozenset(gpus.pop(clock.choose_index(len(gpus))) for _ in range(demand.gpus))
    return Slice(demand.vcpus, demand.memory_mib, demand.disk_gib, chosen)


def nothing_leased(capacity: Capacity, host: Host) -> Condition:
    """That all capacity on the market is free at the time of the write."""
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
    """Offer what the host now reports. Idempotent.

    Errors: `CapacityLeased`, `HostEnded`.
    """
    # one write can add to a set or remove from it, not both
    for _ in range(MAX_STEPS):
        if not retry_on_conflict(lambda: _step(host, actor)):
            return


def _step(host: Host, actor: str) -> bool:
    """One write towards what is reported; False when nothing is left to do."""
    host.refresh(consistent_read=True)
    capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
    if capacity.state in CLOSED:
        raise HostEnded
    sold, taken = offered(capacity, host), leased(capacity, host)
    wanted = to_offer(capacity, host)
    missing = wanted.less(reported(host))
    if capacity.offered_vcpus is not None and (sold, withheld(capacity)) == (wanted, missing):
        return False
    if not taken.fits_in(wanted):
        raise CapacityLeased(f"Leased: {taken}. The host reports {wanted}. Try again when less is leased.")
    transaction = Transaction()
    _add_step(transaction, host, capacity, wanted, missing)
    change = CapacityChange(before=Amounts.model_validate(sold), after=Amounts.model_validate(wanted))
    event_log.append(
        transaction, host.owner_id, EventType.HOST_CAPACITY_OFFERED, host.id,
        reason=EventReason.PROVIDER, actor=actor, at=clock.now(), data=change,
    )  # fmt: skip
    transaction.commit()
    return True


def _free_counters(capacity: Capacity) -> Slice:
    gpus = frozenset(capacity.free_gpus or ())
    return Slice(capacity.free_vcpus, capacity.free_memory_mib, capacity.free_disk_gib, gpus)


def _add_step(transaction: Transaction, host: Host, capacity: Capacity, wanted: Slice, missing: Slice) -> None:
    """`missing` is what of the new offer is withheld."""
    sold, held = offered(capacity, host), withheld(capacity)
    condition, actions = unchanged_offer(capacity), withhold(missing)
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
    """The updates that store the withheld capacity."""
    actions: list[Action] = [getattr(Capacity, f"withheld_{name}").set(getattr(slice, name)) for name in COUNTERS]
    gpus = Capacity.withheld_gpus
    return [*actions, gpus.set(set(slice.gpu_uuids)) if slice.gpu_uuids else gpus.remove()]


def unchanged_offer(capacity: Capacity) -> Condition:
    """That offered and withheld capacity are as read; free capacity may have changed, which the arithmetic allows."""
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
