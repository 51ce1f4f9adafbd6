"""Who may read and write which telemetry. Foreign and missing resources both give 404."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharemtc.hosts import service as hosts
from sharemtc.hosts.inventory import devices
from sharemtc.principals import OPERATORS, Principal
from sharemtc.problems import NotFound
from sharemtc.telemetry.kinds import WORKLOADS, ResourceType, gpu_key, type_of
from sharemtc.telemetry.plausibility import Machine
from sharemtc.workloads import access as workloads
from sharemtc.workloads.access import Access

if TYPE_CHECKING:
    from sharemtc.hosts.table import Host


@dataclass(frozen=True)
class Subject:
    """A measured resource, the host that reports it, and the key of its figures in the table."""

    type: ResourceType
    id: str
    host: Host
    key: str

    @property
    def machine(self) -> Machine:
        return Machine(self.host.id, self.host.inventory, frozenset({self.id}))


def readable(caller: Principal, type: ResourceType, id: str) -> Subject:
    """A resource whose figures the caller may read: own hosts and GPUs, and workloads by `workloads.access`; operators
    may read all. Errors: `NotFound`.
    """
    if type is not type_of(id):
        raise NotFound
    if type in WORKLOADS:
        return _workload(caller, type, id, Access.MEASURES_READ)
    if type is ResourceType.HOST:
        return _owned(caller, Subject(type, id, hosts.find(id), id))
    host = hosts.find(devices.host_of(id))
    return _owned(caller, Subject(type, id, host, gpu_key(host.id, id)))


def writable(caller: Principal, type: ResourceType, id: str) -> Subject:
    """A resource whose figures the caller may write: a host for itself, its GPUs and workloads; operators for all.

    Errors: `NotFound`, `HostClosed`.
    """
    if type is not type_of(id):
        raise NotFound
    host = hosts.find_open(caller.host_id) if caller.is_host else None
    if type in WORKLOADS:
        return _workload(caller, type, id, Access.MEASURES_WRITE, host)
    if host is None:
        return readable(caller, type, id)
    if not Machine(host.id, host.inventory, frozenset()).owns(id):
        raise NotFound
    return Subject(type, id, host, gpu_key(host.id, id) if type is ResourceType.GPU else id)


def owned(caller: Principal, limit: int) -> list[Subject]:
    """Up to `limit` resources of the caller, newest first: hosts with GPUs, then workloads. Operators: any hosts."""
    if caller.role in OPERATORS:
        return _with_gpus(hosts.some_hosts(limit))[:limit]
    found = _with_gpus(hosts.all_of_owner(caller.user_id, limit=limit))
    rented = list(workloads.owned(caller.user_id, limit))
    known = hosts.find_many({workload.host_id for workload in rented})
    for workload in rented:
        host = known.get(workload.host_id)
        if host is not None:
            found.append(Subject(ResourceType(workload.kind), workload.id, host, workload.id))
    return found[:limit]


def _with_gpus(machines: list[Host]) -> list[Subject]:
    found = []
    for host in machines:
        found.append(Subject(ResourceType.HOST, host.id, host, host.id))
        found += [Subject(ResourceType.GPU, gpu.uuid, host, gpu_key(host.id, gpu.uuid)) for gpu in host.inventory.gpus]
    return found


def _workload(caller: Principal, type: ResourceType, id: str, needs: Access, host: Host | None = None) -> Subject:
    """`host`: the calling host, which is then the workload's."""
    workload = workloads.find(caller, id, needs)
    return Subject(type, id, host or hosts.find(workload.host_id), id)


def _owned(caller: Principal, subject: Subject) -> Subject:
    if caller.role not in OPERATORS and subject.host.owner_id != caller.user_id:
        raise NotFound
    return subject
