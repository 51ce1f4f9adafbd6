"""Workloads as their users see them, for every kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sharemtc import clock
from sharemtc.billing import accruals
from sharemtc.billing.spending import Spender
from sharemtc.events import service as events
from sharemtc.events.schemas import EventPage, EventView
from sharemtc.idempotency import Claim
from sharemtc.principals import Principal
from sharemtc.requests import IfMatch
from sharemtc.schemas import PageQuery
from sharemtc.storage.pages import page
from sharemtc.storage.unreadable import row_lookup, views
from sharemtc.wire import Verb
from sharemtc.workloads import access, losses, operations, table
from sharemtc.workloads.access import Access
from sharemtc.workloads.creation import create
from sharemtc.workloads.kinds import Kind
from sharemtc.workloads.schemas import WorkloadQuery, WorkloadView
from sharemtc.workloads.table import Workload, user_status

__all__ = ["create", "declare_lost", "find_many", "list_events", "list_of", "operate", "read"]

V = TypeVar("V", bound=WorkloadView)


def read(kind: Kind[Any, V], caller: Principal, workload_id: str) -> V:
    workload = access.find(caller, workload_id, Access.READ, kind=kind.name)
    return kind.read(workload)


def list_of(kind: Kind[Any, V], caller: Principal, query: WorkloadQuery) -> tuple[list[V], str | None]:
    """A page of the caller's workloads of that kind, newest first, and the next cursor."""
    condition = table.of_kind(kind.name)
    limit, cursor = query.limit, query.cursor
    if query.status is None:
        found = page(Workload.by_user, caller.user_id, limit=limit, cursor=cursor, range_condition=condition)
    else:
        partition = user_status(caller.user_id, query.status)
        found = page(Workload.by_user_status, partition, limit=limit, cursor=cursor, range_condition=condition)
    # meters and hosts of the page are read together
    metered = row_lookup(accruals.find_many, [workload.allocation_id for workload in found.items])
    now = clock.now()
    shown = views(lambda workload: kind.view(workload, metered(workload.allocation_id), now), found.items)
    return shown, found.next_cursor


def find_many(workload_ids: Iterable[str]) -> list[Workload]:
    """The existing ones of these workloads, of any user."""
    return list(table.find_many(workload_ids).values())


_NEEDS = {
    Verb.START: Access.WRITE,
    Verb.STOP: Access.WRITE,
    Verb.REBOOT: Access.WRITE,
    Verb.TERMINATE: Access.ADMIN,
}


def operate(kind: Kind[Any, V], caller: Principal, workload_id: str, verb: Verb, claim: Claim, if_match: IfMatch) -> V:
    """Errors: `NotFound`; see `operations.request`."""
    workload = access.find(caller, workload_id, _NEEDS[verb], kind=kind.name)
    return operations.request(kind, workload, verb, by=Spender.of(caller), claim=claim, if_match=if_match)


def declare_lost(kind: Kind[Any, V], caller: Principal, workload_id: str, claim: Claim) -> V:
    """Errors: `NotFound`; see `losses.declare_lost`."""
    workload = access.find(caller, workload_id, Access.ADMIN, kind=kind.name)
    return losses.declare_lost(kind, workload, caller.user_id, claim)


def list_events(kind: Kind[Any, Any], caller: Principal, workload_id: str, query: PageQuery) -> EventPage:
    """The workload's events, newest first."""
    workload = access.find(caller, workload_id, Access.READ, kind=kind.name)
    found = events.of_resource(workload.id, limit=query.limit, cursor=query.cursor)
    return EventPage(items=views(EventView.model_validate, found.items), next_cursor=found.next_cursor)
