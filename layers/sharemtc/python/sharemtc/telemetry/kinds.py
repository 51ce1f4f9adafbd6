"""Kinds of measured resources, retention times and resolutions."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sharemtc.ids import IdKind, kind_of
from sharemtc.wire.kinds import WorkloadKind


class ResourceType(StrEnum):
    HOST = "host"
    GPU = "gpu"
    VM = "vm"


WORKLOADS = frozenset(ResourceType(kind) for kind in WorkloadKind)


class Resolution(StrEnum):
    """The steps of a series: as measured, or rolled up."""

    RAW = "raw"
    FIVE_MINUTES = "5m"
    HOUR = "1h"


_TYPES: dict[IdKind | WorkloadKind | None, ResourceType] = {
    IdKind.HOST: ResourceType.HOST,
    IdKind.GPU: ResourceType.GPU,
    **{kind: ResourceType(kind) for kind in WorkloadKind},
}

RAW_KEPT = timedelta(hours=48)
FIVE_MINUTES_KEPT = timedelta(days=30)
HOUR_KEPT = timedelta(days=396)
HEALTH_KEPT = timedelta(days=7)
LOGS_KEPT = timedelta(days=3)
# points may arrive until raw points expire; the points that they are merged with must exist a little longer
RAW_SPARE = timedelta(hours=12)

SLOT_MS = 5 * 60 * 1000
HOUR_MS = 60 * 60 * 1000


def gpu_key(host_id: str, uuid: str) -> str:
    """The key of a GPU's figures; it contains the host, so that no other host can write to it by naming the UUID."""
    return f"{host_id}.{uuid}"


def type_of(resource_id: str) -> ResourceType | None:
    """The type by the id; None for resources that are not measured."""
    return _TYPES.get(kind_of(resource_id))
