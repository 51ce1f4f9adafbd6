"""Whose figures may be read and written by whom. What is another's and what there is not are refused alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from sharemtc.hosts.inventory.table import Device, device_key
from sharemtc.hosts.liveness.leases import HostClosed
from sharemtc.hosts.states import CLOSED
from sharemtc.hosts.table import SHARDS, Capacity, Host, host_key
from sharemtc.principals import OPERATORS, Principal
from sharemtc.problems import NotFound
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.telemetry.kinds import ResourceType, gpu_key, type_of
from sharemtc.telemetry.physics import Machine
from sharemtc.workloads.table import Vm, vm_key


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
    """A resource whose figures the caller may see: hosts and GPUs their owner, VMs their renter, operators all.

    Errors: `NotFound`.
    """
    everything = caller.role in OPERATORS
    if type is not type_of(id):
        raise NotFound
    if type is ResourceType.VM:
        vm = Vm.find(vm_key(id), "VM")
        if vm is None or not (everything or vm.user_id == caller.user_id):
            raise NotFound
        return Subject(type, id, _host(vm.host_id), id)
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
    if not caller.is_host:
        return readable(caller, type, id)
    if type is not type_of(id):
        raise NotFound
    host = speaking(caller.host_id)
    machine = Machine(host.id, host.inventory, frozenset({id}))
    if type is ResourceType.VM:
        vm = Vm.find(vm_key(id), "VM")
        if vm is None or vm.host_id != host.id:
            raise NotFound
    elif not machine.owns(id):
        raise NotFound
    return Subject(type, id, host, gpu_key(host.id, id) if type is ResourceType.GPU else id)


def own(caller: Principal, limit: int) -> list[Subject]:
    """Up to `limit` resources that are the caller's, newest first: hosts, their GPUs, then VMs. Operators: of all."""
    if caller.role in OPERATORS:
        # lazily: shards that are not needed are not read
        everyone = (
            host for shard in range(SHARDS) for host in skip_unreadable(Host.by_shard.query(str(shard), limit=limit))
        )
        return _with_gpus(list(islice(everyone, limit)))[:limit]
    found = _with_gpus(
        list(skip_unreadable(Host.by_owner.query(caller.user_id, scan_index_forward=False, limit=limit)))
    )
    for vm in skip_unreadable(Vm.by_user.query(caller.user_id, scan_index_forward=False, limit=limit)):
        host = Host.find(host_key(vm.host_id), "HOST", consistent=False)
        if host is not None:
            found.append(Subject(ResourceType.VM, vm.id, host, vm.id))
    return found[:limit]


def _with_gpus(hosts: list[Host]) -> list[Subject]:
    found = []
    for host in hosts:
        found.append(Subject(ResourceType.HOST, host.id, host, host.id))
        found += [Subject(ResourceType.GPU, gpu.uuid, host, gpu_key(host.id, gpu.uuid)) for gpu in host.inventory.gpus]
    return found


def _host(host_id: str) -> Host:
    host = Host.find(host_key(host_id), "HOST")
    if host is None:
        raise NotFound
    return host


def _owned(caller: Principal, subject: Subject) -> Subject:
    if caller.role not in OPERATORS and subject.host.owner_id != caller.user_id:
        raise NotFound
    return subject
