"""Whose figures may be read and written by whom. What is another's and what there is not are refused alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from sharemtc.hosts.moves import HostClosed
from sharemtc.hosts.states import CLOSED
from sharemtc.hosts.table import SHARDS, Capacity, Device, Host, device_key, host_key
from sharemtc.principals import OPERATORS, Principal
from sharemtc.problems import NotFound
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.telemetry.kinds import WORKLOADS, ResourceType, gpu_key, type_of
from sharemtc.telemetry.plausibility import Machine
from sharemtc.workloads import access as workloads
from sharemtc.workloads.access import Access


@dataclass(frozen=True)
class Subject:
    """A resource whose figures are meant, the host that tells them, and the key that they are kept under."""

    type: ResourceType
    id: str
    host: Host
    key: str

    @property
    def machine(self) -> Machine:
        """What its figures are judged by."""
        return Machine(self.host.id, self.host.inventory, frozenset({self.id}))


def readable(caller: Principal, type: ResourceType, id: str) -> Subject:
    """A resource whose figures the caller may see: hosts and GPUs of their own, workloads by `workloads.access`;
    operators all.

    Errors: `NotFound`.
    """
    if type is not type_of(id):
        raise NotFound
    if type in WORKLOADS:
        return _workload(caller, type, id, Access.MEASURES_READ)
    if type is ResourceType.HOST:
        return _owned(caller, Subject(type, id, _host(id), id))
    device = Device.find(device_key(id), "DEVICE")
    if device is None:
        raise NotFound
    return _owned(caller, Subject(type, id, _host(device.host_id), gpu_key(device.host_id, id)))


def speaking(host_id: str) -> Host:
    """The host that tells something. Errors: `HostClosed`; `NotFound`."""
    host = _host(host_id)
    if Capacity.get(host.pk, "CAPACITY").state in CLOSED:
        raise HostClosed
    return host


def writable(caller: Principal, type: ResourceType, id: str) -> Subject:
    """A resource whose figures the caller may tell: a host its own and those of what is in it and on it, operators all.

    Errors: `NotFound`; `HostClosed`.
    """
    if type is not type_of(id):
        raise NotFound
    host = speaking(caller.host_id) if caller.is_host else None
    if type in WORKLOADS:
        return _workload(caller, type, id, Access.MEASURES_WRITE)
    if host is None:
        return readable(caller, type, id)
    if not Machine(host.id, host.inventory, frozenset()).owns(id):
        raise NotFound
    return Subject(type, id, host, gpu_key(host.id, id) if type is ResourceType.GPU else id)


def own(caller: Principal, limit: int) -> list[Subject]:
    """Up to `limit` resources of the caller, newest first: hosts, their GPUs, then workloads. Operators: of all."""
    if caller.role in OPERATORS:
        # lazily: shards that are not needed are not read
        everyone = (
            host for shard in range(SHARDS) for host in skip_unreadable(Host.by_shard.query(str(shard), limit=limit))
        )
        return _with_gpus(list(islice(everyone, limit)))[:limit]
    found = _with_gpus(
        list(skip_unreadable(Host.by_owner.query(caller.user_id, scan_index_forward=False, limit=limit)))
    )
    for workload in workloads.owned(caller.user_id, limit):
        host = Host.find(host_key(workload.host_id), "HOST", consistent=False)
        if host is not None:
            found.append(Subject(ResourceType(workload.kind), workload.id, host, workload.id))
    return found[:limit]


def _with_gpus(hosts: list[Host]) -> list[Subject]:
    found = []
    for host in hosts:
        found.append(Subject(ResourceType.HOST, host.id, host, host.id))
        found += [Subject(ResourceType.GPU, gpu.uuid, host, gpu_key(host.id, gpu.uuid)) for gpu in host.inventory.gpus]
    return found


def _workload(caller: Principal, type: ResourceType, id: str, needs: Access) -> Subject:
    workload = workloads.find(caller, id, needs)
    return Subject(type, id, _host(workload.host_id), id)


def _host(host_id: str) -> Host:
    host = Host.find(host_key(host_id), "HOST")
    if host is None:
        raise NotFound
    return host


def _owned(caller: Principal, subject: Subject) -> Subject:
    if caller.role not in OPERATORS and subject.host.owner_id != caller.user_id:
        raise NotFound
    return subject
