"""Access to workloads. Foreign and missing workloads both give 404."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sharemtc.principals import OPERATORS, Principal
from sharemtc.problems import NotFound
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads import table
from sharemtc.workloads.table import Workload


class Access(StrEnum):
    """What a caller does with a workload."""

    READ = "read"  # see it and its events
    WRITE = "write"  # start, stop and reboot it
    ADMIN = "admin"  # end it
    MEASURES_READ = "measures_read"  # see its figures and health checks
    MEASURES_WRITE = "measures_write"  # record them


class Relation(StrEnum):
    """A caller's relation to a workload."""

    OWNER = "owner"
    OPERATOR = "operator"
    HOST = "host"


ALLOWED: dict[Relation, frozenset[Access]] = {
    Relation.OWNER: frozenset({Access.READ, Access.WRITE, Access.ADMIN, Access.MEASURES_READ}),
    Relation.OPERATOR: frozenset({Access.MEASURES_READ, Access.MEASURES_WRITE}),
    Relation.HOST: frozenset({Access.MEASURES_WRITE}),
}


def relations(caller: Principal, workload: Workload) -> frozenset[Relation]:
    """All relations of the caller to the workload."""
    holds = {
        Relation.OWNER: not caller.is_host and workload.user_id == caller.user_id,
        Relation.OPERATOR: caller.role in OPERATORS,
        Relation.HOST: caller.is_host and workload.host_id == caller.host_id,
    }
    return frozenset(relation for relation, held in holds.items() if held)


def may(caller: Principal, workload: Workload, needs: Access) -> bool:
    """Whether one of the caller's relations allows the access."""
    return any(needs in ALLOWED[relation] for relation in relations(caller, workload))


def find(caller: Principal, workload_id: str, needs: Access, *, kind: WorkloadKind | None = None) -> Workload:
    """The workload, if the caller has that access to it. Errors: `NotFound`, also for another kind."""
    workload = table.find(workload_id)
    if workload is None or kind not in (None, workload.kind) or not may(caller, workload, needs):
        raise NotFound
    return workload


def owned(user_id: str, limit: int) -> list[Workload]:
    """Up to `limit` of the user's workloads, each kind newest first."""
    return list(skip_unreadable(Workload.by_user.query(user_id, scan_index_forward=False, limit=limit)))


def resident(host_id: str, workload_ids: Iterable[str]) -> frozenset[str]:
    """Those of the workloads that are, or were last, on this host."""
    return frozenset(one.id for one in table.find_many(workload_ids).values() if one.host_id == host_id)
