"""The kinds of workload: everything in which they differ, one row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sharemtc.allocations.placement import Wish
from sharemtc.billing.accruals import Metered
from sharemtc.problems import FieldError
from sharemtc.wire import Spec, Verb
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads import vms
from sharemtc.workloads.details import Details
from sharemtc.workloads.schemas import WorkloadCreate, WorkloadView
from sharemtc.workloads.table import Workload

if TYPE_CHECKING:
    from sharemtc.catalog.table import Template

C = TypeVar("C", bound=WorkloadCreate)
V = TypeVar("V", bound=WorkloadView)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[C, V]):
    """One kind of workload. Its ids' prefix is in `wire.kinds`; its events and figures bear its name."""

    name: WorkloadKind
    # what can be asked of it, and how long its host may take
    time_limits: Mapping[Verb, timedelta]
    # what only its orders say, for whom, made of which template; and what follows once one was carried out
    details: Callable[[str, C, Template], Details]
    created: Callable[[str, C, datetime], None]
    # what any host must offer for it, and what the one that was found makes it from
    wish: Callable[[Workload], Wish]
    spec: Callable[[Workload], Spec]
    # what keeps a proof of this kind from being one, and the details after one that is
    misfits: Callable[[Any], tuple[FieldError, ...]]
    proved: Callable[[Workload, Any], Details]
    view: Callable[[Workload, Metered | None, datetime], V]


VM = Kind(
    name=WorkloadKind.VM,
    time_limits=vms.TIME_LIMITS,
    details=vms.details,
    created=vms.created,
    wish=vms.wish,
    spec=vms.spec,
    misfits=vms.misfits,
    proved=vms.proved,
    view=vms.view,
)

KINDS: Mapping[WorkloadKind, Kind[Any, Any]] = {kind.name: kind for kind in (VM,)}
LONGEST = max(limit for kind in KINDS.values() for limit in kind.time_limits.values())


def of(workload: Workload) -> Kind[Any, Any]:
    """What is special about it."""
    return KINDS[workload.kind]
