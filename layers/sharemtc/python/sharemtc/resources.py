"""Amounts of vCPUs, memory, disk and GPUs: what a workload demands, and the slice of a host it gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Demand:
    """An amount of resources without a host. `gpu_model` is None without GPUs."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int = 0
    gpu_model: str | None = None

    def __post_init__(self) -> None:
        assert min(self.vcpus, self.memory_mib, self.disk_gib, self.gpus) >= 0, self
        assert (self.gpus > 0) == (self.gpu_model is not None), self

    def __str__(self) -> str:
        size = f"{self.vcpus} vCPUs, {self.memory_mib} MiB, {self.disk_gib} GiB"
        return f"{size}, {self.gpus} {self.gpu_model} GPUs" if self.gpus else size

    def less(self, taken: Slice) -> Demand:
        return self._limited(
            max(0, self.vcpus - taken.vcpus),
            max(0, self.memory_mib - taken.memory_mib),
            max(0, self.disk_gib - taken.disk_gib),
            max(0, self.gpus - taken.gpus),
        )

    def at_most(self, other: Demand) -> Demand:
        """The minimum of each part; no GPUs when the models differ."""
        return self._limited(
            min(self.vcpus, other.vcpus),
            min(self.memory_mib, other.memory_mib),
            min(self.disk_gib, other.disk_gib),
            min(self.gpus, other.gpus) if self.gpu_model == other.gpu_model else 0,
        )

    def fits_in(self, other: Demand) -> bool:
        return self.at_most(other) == self

    def _limited(self, vcpus: int, memory_mib: int, disk_gib: int, gpus: int) -> Demand:
        return Demand(vcpus, memory_mib, disk_gib, gpus, self.gpu_model if gpus else None)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of one host, with GPUs by UUID."""

    vcpus: int = 0
    memory_mib: int = 0
    disk_gib: int = 0
    gpu_uuids: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.vcpus} vCPUs, {self.memory_mib} MiB of memory, {self.disk_gib} GiB of disk, {self.gpus} GPUs"

    @property
    def gpus(self) -> int:
        return len(self.gpu_uuids)

    @property
    def is_empty(self) -> bool:
        return self == Slice()

    @property
    def is_negative(self) -> bool:
        """Whether any part is below zero: more is allocated than the host has."""
        return min(self.vcpus, self.memory_mib, self.disk_gib) < 0

    def __add__(self, other: Slice) -> Slice:
        return Slice(
            self.vcpus + other.vcpus,
            self.memory_mib + other.memory_mib,
            self.disk_gib + other.disk_gib,
            self.gpu_uuids | other.gpu_uuids,
        )

    def __sub__(self, other: Slice) -> Slice:
        return Slice(
            self.vcpus - other.vcpus,
            self.memory_mib - other.memory_mib,
            self.disk_gib - other.disk_gib,
            self.gpu_uuids - other.gpu_uuids,
        )

    def or_more(self, other: Slice) -> Slice:
        """The maximum of each part, and the GPUs of both."""
        return Slice(
            max(self.vcpus, other.vcpus),
            max(self.memory_mib, other.memory_mib),
            max(self.disk_gib, other.disk_gib),
            self.gpu_uuids | other.gpu_uuids,
        )

    def less(self, other: Slice) -> Slice:
        """The difference of each part, at least zero."""
        return (self - other).or_more(Slice())

    def fits_in(self, other: Slice) -> bool:
        return self.less(other).is_empty

    def without_disk(self) -> Slice:
        """What a stopped workload releases: all but its disk."""
        return replace(self, disk_gib=0)


def total(slices: Iterable[Slice]) -> Slice:
    each = list(slices)
    return Slice(
        sum(one.vcpus for one in each),
        sum(one.memory_mib for one in each),
        sum(one.disk_gib for one in each),
        frozenset().union(*(one.gpu_uuids for one in each)),
    )
