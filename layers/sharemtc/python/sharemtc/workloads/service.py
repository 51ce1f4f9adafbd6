"""VMs as their users see them."""

from __future__ import annotations

from collections.abc import Sequence

from sharemtc.billing.spending import Spender
from sharemtc.events import service as events
from sharemtc.events.schemas import EventPage, EventView
from sharemtc.idempotency import Claim
from sharemtc.problems import NotFound
from sharemtc.requests import IfMatch
from sharemtc.storage.pages import page
from sharemtc.storage.records import batch_find
from sharemtc.storage.unreadable import views
from sharemtc.wire import Verb
from sharemtc.workloads import operations
from sharemtc.workloads.creation import open_vm
from sharemtc.workloads.schemas import VmPage, VmQuery, VmView, read, reader
from sharemtc.workloads.table import Vm, user_status, vm_key

__all__ = ["find_vm", "find_vms", "list_events", "list_vms", "open_vm", "order_vm", "read_vm"]


def find_vm(user_id: str, vm_id: str) -> Vm:
    """The user's VM. Errors: `NotFound`, the same for another's as for none."""
    vm = Vm.find(vm_key(vm_id), "VM")
    if vm is None or vm.user_id != user_id:
        raise NotFound
    return vm


def find_vms(vm_ids: Sequence[str]) -> list[Vm]:
    """Those of the VMs that there are, whosever they are."""
    return list(batch_find(Vm, [(vm_key(vm_id), "VM") for vm_id in vm_ids], spoiled=set()).values())


def read_vm(user_id: str, vm_id: str) -> VmView:
    """The user's VM as it is now."""
    return read(find_vm(user_id, vm_id))


def list_vms(user_id: str, query: VmQuery) -> VmPage:
    """The user's VMs, newest first."""
    if query.status is None:
        found = page(Vm.by_user, user_id, limit=query.limit, cursor=query.cursor)
    else:
        partition = user_status(user_id, query.status)
        found = page(Vm.by_user_status, partition, limit=query.limit, cursor=query.cursor)
    return VmPage(items=views(reader(found.items), found.items), next_cursor=found.next_cursor)


def order_vm(spender: Spender, vm_id: str, verb: Verb, claim: Claim, if_match: IfMatch) -> VmView:
    """Start, stop, reboot or terminate a VM of the person who orders. Errors: see `operations.request`."""
    return operations.request(find_vm(spender.user_id, vm_id), verb, by=spender, claim=claim, if_match=if_match)


def list_events(user_id: str, vm_id: str, *, limit: int, cursor: str | None) -> EventPage:
    """What happened to the user's VM, newest first."""
    vm = find_vm(user_id, vm_id)
    found = events.of_resource(vm.id, limit=limit, cursor=cursor)
    return EventPage(items=views(EventView.model_validate, found.items), next_cursor=found.next_cursor)
