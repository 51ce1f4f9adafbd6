"""GPUs by UUID: each belongs to one host, the first to report it, until that host releases it.

A host releases a GPU when it is retired or banned, or no longer reports it, and only while the GPU is not leased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sharemtc.hosts.kinds import DeviceState
from sharemtc.hosts.states import CLOSED
from sharemtc.hosts.table import Capacity, Device, Host, device_key, host_key, unchanged
from sharemtc.problems import FieldError, Invalid, NotFound
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import Gpu


class DeviceClaimed(Invalid):
    """Other hosts have these GPUs; `news` are those for which no risk was open yet."""

    def __init__(self, places: Mapping[str, str], news: Iterable[str]) -> None:
        super().__init__(errors=tuple(map(claimed, places.values())))
        self.uuids = frozenset(places)
        self.news = frozenset(news)


def host_of(uuid: str) -> str:
    """The id of the host that the GPU is in. Errors: `NotFound`."""
    device = Device.find(device_key(uuid), "DEVICE")
    if device is None:
        raise NotFound
    found: str = device.host_id
    return found


def claimed(pointer: str) -> FieldError:
    """The error of a GPU that another host has."""
    return FieldError(pointer, "claimed", "This GPU belongs to another host, which has not released it.")


def claim(transaction: Transaction, host: Host, gpus: Sequence[Gpu], *, pointer: str, now: datetime) -> set[str]:
    """Assign the GPUs to `host` in the transaction; returns those that leave another host. Refused: `WriteConflict`.

    Errors: `DeviceClaimed` naming each GPU that another host keeps, with a risk for operators.
    """
    known = batch_find(Device, [(device_key(gpu.uuid), "DEVICE") for gpu in gpus]) if gpus else {}
    left: dict[str, set[str]] = {}
    for gpu in gpus:
        device = known.get((device_key(gpu.uuid), "DEVICE"))
        if device is None:
            made = Device(device_key(gpu.uuid), "DEVICE", uuid=gpu.uuid, host_id=host.id, claimed_at=now)
            transaction.create(made, refused=WriteConflict())
        elif device.host_id == host.id:
            transaction.check(device, Device.host_id == host.id, refused=WriteConflict())
        else:
            moved = [Device.host_id.set(host.id), Device.claimed_at.set(now)]
            as_read = (Device.host_id == device.host_id) & Device.allocation_id.does_not_exist()
            transaction.update(device, moved, as_read, refused=WriteConflict())
            left.setdefault(device.host_id, set()).add(gpu.uuid)
    kept = {uuid: former for former, uuids in left.items() for uuid in _release(transaction, former, uuids)}
    if kept:
        news = [uuid for uuid, holder in kept.items() if _note_claim(uuid, host, holder)]
        raise DeviceClaimed({gpu.uuid: f"{pointer}/{i}/uuid" for i, gpu in enumerate(gpus) if gpu.uuid in kept}, news)
    return set().union(*left.values())


def resolve_claims(uuids: Iterable[str]) -> None:
    """Resolve the risks of GPUs that moved to another host."""
    for uuid in uuids:
        risks.resolve(RiskKind.DEVICE_CLAIMED_TWICE, uuid)
        risks.resolve(RiskKind.DEVICE_GONE, uuid)


def _note_claim(uuid: str, host: Host, holder_id: str) -> bool:
    detail = f"{host.name} of {host.owner_id} reported a GPU that {holder_id} has."
    return risks.report(
        RiskKind.DEVICE_CLAIMED_TWICE, uuid, severity=Severity.CRITICAL, owner_id=host.owner_id, detail=detail
    )


def _release(transaction: Transaction, host_id: str, uuids: set[str]) -> set[str]:
    """Take GPUs from their former host; returns those that it keeps."""
    host, capacity = Host.find(host_key(host_id), "HOST"), Capacity.find(host_key(host_id), "CAPACITY")
    assert host is not None
    assert capacity is not None
    reported = set() if capacity.state in CLOSED else {gpu.uuid for gpu in host.inventory.gpus}
    kept = {uuid for uuid in uuids if uuid in reported or state_of(uuid, capacity) is DeviceState.LEASED}
    if kept:
        return kept
    if capacity.state not in CLOSED:
        transaction.check(host, unchanged(host), refused=WriteConflict())
    offered = uuids & (capacity.offered_gpus or set())
    condition = Capacity.state == capacity.state
    for uuid in sorted(offered):
        condition &= Capacity.free_gpus.contains(uuid)
    if offered:
        sets = (Capacity.free_gpus, Capacity.offered_gpus, Capacity.withheld_gpus)
        actions = [each.delete(offered) for each in sets]
        transaction.update(capacity, actions, condition, refused=WriteConflict())
    else:
        transaction.check(capacity, condition, refused=WriteConflict())
    return set()


def state_of(uuid: str, capacity: Capacity) -> DeviceState:
    if uuid not in (capacity.offered_gpus or ()) and uuid not in (capacity.free_gpus or ()):
        return DeviceState.NOT_OFFERED
    if uuid not in (capacity.free_gpus or ()):
        return DeviceState.LEASED
    return DeviceState.WITHHELD if uuid in (capacity.withheld_gpus or ()) else DeviceState.FREE
