"""Workloads in the API: what all kinds share. Each kind's own fields are in its module."""

from collections.abc import Container
from datetime import datetime
from typing import Any

from pydantic import Field

from sharemtc.billing.accruals import Metered
from sharemtc.hosts.states import HostState
from sharemtc.money import CURRENCY
from sharemtc.resources import Demand
from sharemtc.schemas import GivenId, Instant, PageQuery, Schema, View
from sharemtc.wire import Verb
from sharemtc.workloads.states import ENDED, LOST_AFTER, Desired, Observed, PhaseState, Status, actions, phases
from sharemtc.workloads.table import Workload

HOSTNAME = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"


class WorkloadCreate(Schema):
    """Fields of every new workload. `name` becomes its host name."""

    name: str = Field(pattern=HOSTNAME, description="Lower-case letters, digits and dashes", examples=["web-1"])
    template_id: GivenId
    vcpus: int
    memory_mib: int
    disk_gib: int
    host_id: GivenId | None = None
    quote_id: GivenId | None = None

    @property
    def demand(self) -> Demand:
        return Demand(self.vcpus, self.memory_mib, self.disk_gib)


class WorkloadQuery(PageQuery):
    """Filters for workloads."""

    status: Status | None = None


class PhaseView(View):
    """A step of the boot timeline."""

    name: str
    state: PhaseState
    started_at: Instant | None
    elapsed_ms: int | None


class FailureView(View):
    """Why the last operation failed."""

    code: str
    detail: str


class WorkloadView(View):
    """A workload: desired and proven state, cost, and the actions possible now. Money as of `as_of`."""

    id: str
    name: str
    status: Status
    desired: Desired
    observed: Observed
    generation: int
    version: int
    phases: list[PhaseView]
    actions: list[Verb]
    billable: bool
    host_id: str
    host_name: str
    host_state: HostState | None = Field(description="The host's current state; null once the workload has ended")
    host_heard_at: Instant | None = Field(description="The host's last heartbeat; null once the workload has ended")
    proven_until: Instant | None = Field(description="Until when use is proven and counted in `spent_micros`")
    lost_declarable_at: Instant | None = Field(
        description="While its host is silent: from when it may be declared lost"
    )
    region: str
    template_id: str
    template_name: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    allocation_id: str
    rate_nanos_per_hour: int
    running_rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    spent_micros: int
    billed_s: int
    currency: str
    failure: FailureView | None
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    as_of: Instant


_SAME = (
    "id", "name", "desired", "observed", "generation", "version", "host_id", "host_name", "region", "template_id",
    "template_name", "allocation_id", "running_rate_nanos_per_hour",
    "stopped_rate_nanos_per_hour", "created_at", "ended_at",
)  # fmt: skip


def shared_fields(
    workload: Workload, metered: Metered | None, now: datetime, *, verbs: Container[Verb]
) -> dict[str, Any]:
    """The fields of a `WorkloadView` at `now`; nothing is owed without a meter. `verbs` are those of its kind."""
    rate = metered.meter.present_rate_nanos_per_hour if metered else 0
    live = None if workload.observed in ENDED else metered
    code, detail = workload.failure_code, workload.failure_detail or ""
    return {
        **{name: getattr(workload, name) for name in _SAME},
        "vcpus": workload.demand.vcpus,
        "memory_mib": workload.demand.memory_mib,
        "disk_gib": workload.demand.disk_gib,
        "status": workload.status,
        "phases": [PhaseView.model_validate(phase) for phase in _timeline(workload, now)],
        "actions": actions(workload.status, metered.host_state if metered else HostState.READY, verbs),
        "billable": rate > 0,
        "rate_nanos_per_hour": rate,
        "spent_micros": metered.cost_micros if metered else 0,
        "billed_s": metered.billed_ms // 1000 if metered else 0,
        "host_state": live.host_state if live else None,
        "host_heard_at": live.lease.last_seen_at if live else None,
        "proven_until": live.proven_until if live else None,
        "lost_declarable_at": live.silent_since + LOST_AFTER if live and not live.is_online else None,
        "currency": CURRENCY,
        "failure": FailureView(code=code, detail=detail) if code else None,
        "started_at": workload.ready_at if workload.observed is Observed.RUNNING else None,
        "as_of": now,
    }


def _timeline(workload: Workload, now: datetime) -> list[object]:
    starts = {
        "queued": workload.queued_at,
        "placing": workload.placing_at,
        "preparing": workload.preparing_at,
        "booting": workload.booting_at,
        "ready": workload.ready_at,
    }
    over = workload.ended_at if workload.observed in ENDED else None
    return list(phases(starts, over_at=over, now=now))
