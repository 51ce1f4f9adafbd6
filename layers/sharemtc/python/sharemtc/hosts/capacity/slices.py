"""Taking and returning a slice of a host: conditional arithmetic on its counters."""

from __future__ import annotations

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import Capacity, Device, device_key, host_key
from sharemtc.resources import Slice
from sharemtc.storage.transactions import Refusal, Transaction

COUNTERS = ("vcpus", "memory_mib", "disk_gib")


def take(transaction: Transaction, host_id: str, slice: Slice, *, by: str, epoch: int, refused: Refusal) -> None:
    """Take `slice` for the allocation `by` from a ready host whose epoch is still `epoch`.

    Refused when a counter falls short, or a GPU is not free on this host.
    """
    assert not slice.is_negative, slice
    condition = (
        (Capacity.state == HostState.READY)
        & (Capacity.epoch == epoch)
        & (Capacity.free_vcpus >= slice.vcpus)
        & (Capacity.free_memory_mib >= slice.memory_mib)
        & (Capacity.free_disk_gib >= slice.disk_gib)
    )
    actions = [action for name in COUNTERS for action in change_free(name, -getattr(slice, name))]
    if slice.gpu_uuids:
        for uuid in sorted(slice.gpu_uuids):
            condition &= Capacity.free_gpus.contains(uuid) & ~Capacity.withheld_gpus.contains(uuid)
        actions.append(Capacity.free_gpus.delete(set(slice.gpu_uuids)))
    transaction.update(Capacity(host_key(host_id), "CAPACITY"), actions, condition, refused=refused)
    for uuid in sorted(slice.gpu_uuids):
        free_here = (Device.host_id == host_id) & Device.allocation_id.does_not_exist()
        transaction.update(_device(uuid), [Device.allocation_id.set(by)], free_here, refused=refused)


def hand_over(transaction: Transaction, slice: Slice, *, of: str, to: str) -> None:
    """Transfer the GPUs of one allocation to another."""
    for uuid in sorted(slice.gpu_uuids):
        transaction.update(_device(uuid), [Device.allocation_id.set(to)], Device.allocation_id == of)


def give_back(transaction: Transaction, host_id: str, slice: Slice, *, by: str) -> None:
    """Return the slice of the allocation `by` to its host; the caller's conditions ensure that it happens once."""
    assert not slice.is_negative, slice
    actions = [action for name in COUNTERS for action in change_free(name, getattr(slice, name))]
    if slice.gpu_uuids:
        actions.append(Capacity.free_gpus.add(set(slice.gpu_uuids)))
    transaction.update(Capacity(host_key(host_id), "CAPACITY"), actions, Capacity.pk.exists())
    for uuid in sorted(slice.gpu_uuids):
        transaction.update(_device(uuid), [Device.allocation_id.remove()], Device.allocation_id == by)


def change_free(name: str, by: int) -> list[Action]:
    """Change one of the `COUNTERS` of free capacity, and store when."""
    counter = getattr(Capacity, f"free_{name}")
    changed: Action = counter.set(counter + by)
    return [changed, getattr(Capacity, f"free_{name}_at").set(clock.now())] if by else [changed]


def _device(uuid: str) -> Device:
    return Device(device_key(uuid), "DEVICE")
