"""Selling and taking back a slice of a host: arithmetic on its counters, on condition that they cover it."""

from __future__ import annotations

from typing import NamedTuple

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import Capacity, host_key
from sharemtc.storage.transactions import Refusal, Transaction

COUNTERS = ("vcpus", "memory_mib", "disk_gib")


class Slice(NamedTuple):
    """A part of a host. Memory in MiB, disk in GiB, GPUs by UUID."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpu_uuids: frozenset[str] = frozenset()

    def __str__(self) -> str:
        gpus = len(self.gpu_uuids)
        return f"{self.vcpus} vCPUs, {self.memory_mib} MiB of memory, {self.disk_gib} GiB of disk, {gpus} GPUs"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not any(self)

    def less(self, other: Slice) -> Slice:
        """What is left of each part without that of `other`, nothing where that is more."""
        return Slice(
            max(0, self.vcpus - other.vcpus),
            max(0, self.memory_mib - other.memory_mib),
            max(0, self.disk_gib - other.disk_gib),
            self.gpu_uuids - other.gpu_uuids,
        )

    def or_more(self, other: Slice) -> Slice:
        """The larger of each part, and the GPUs of both."""
        return Slice(
            max(self.vcpus, other.vcpus),
            max(self.memory_mib, other.memory_mib),
            max(self.disk_gib, other.disk_gib),
            self.gpu_uuids | other.gpu_uuids,
        )

    def without_disk(self) -> Slice:
        """What a stopped machine gives back: all but its disk."""
        return self._replace(disk_gib=0)


def take(transaction: Transaction, host_id: str, slice: Slice, *, epoch: int, refused: Refusal) -> None:
    """Take `slice` from a ready host whose lease epoch is still `epoch`; refused when any counter falls short."""
    _check(slice)
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


def give_back(transaction: Transaction, host_id: str, slice: Slice) -> None:
    """Return `slice` to its host. The caller's own conditions make sure that it happens once."""
    _check(slice)
    actions = [action for name in COUNTERS for action in change_free(name, getattr(slice, name))]
    if slice.gpu_uuids:
        actions.append(Capacity.free_gpus.add(set(slice.gpu_uuids)))
    transaction.update(Capacity(host_key(host_id), "CAPACITY"), actions, Capacity.pk.exists())


def change_free(name: str, by: int) -> list[Action]:
    """Change one of the `COUNTERS` of what is free, and note when."""
    counter = getattr(Capacity, f"free_{name}")
    changed: Action = counter.set(counter + by)
    return [changed, getattr(Capacity, f"free_{name}_at").set(clock.now())] if by else [changed]


def _check(slice: Slice) -> None:
    assert min(slice.vcpus, slice.memory_mib, slice.disk_gib) >= 0, slice
