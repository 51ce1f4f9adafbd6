"""The kinds of workload: everything in which they differ, one `Kind` each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sharemtc import clock
from sharemtc.allocations.placement import Requirements
from sharemtc.billing import accruals
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
    """One kind of workload. `wire.kinds` holds its ids' prefix; its events and metrics carry its name."""

    name: WorkloadKind
    # the supported commands, and how long a host may take
    time_limits: Mapping[Verb, timedelta]
    # the details of a new workload, from user, order and template; and what follows its creation
    details: Callable[[str, C, Template], Details]
    after_create: Callable[[str, C, datetime], None]
    # what a host must offer, and the spec from which it makes the workload
    requirements: Callable[[Workload], Requirements]
    spec: Callable[[Workload], Spec]
    # the errors of a proof, and the details after a valid one
    proof_errors: Callable[[Any], tuple[FieldError, ...]]
    details_after: Callable[[Workload, Any], Details]
    view: Callable[[Workload, Metered | None, datetime], V]

    def read(self, workload: Workload) -> V:
        """The view of a workload with what its meter says now."""
        return self.view(workload, accruals.find(workload.allocation_id), clock.now())


VM = Kind(
    name=WorkloadKind.VM,
    time_limits=vms.TIME_LIMITS,
    details=vms.details,
    after_create=vms.after_create,
    requirements=vms.requirements,
    spec=vms.spec,
    proof_errors=vms.proof_errors,
    details_after=vms.details_after,
    view=vms.view,
)

KINDS: Mapping[WorkloadKind, Kind[Any, Any]] = {kind.name: kind for kind in (VM,)}
MAX_TIME_LIMIT = max(limit for kind in KINDS.values() for limit in kind.time_limits.values())


def of(workload: Workload) -> Kind[Any, Any]:
    return KINDS[workload.kind]
