"""What goes in and out over HTTP for VMs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from pydantic import Field

from sharemtc import clock
from sharemtc.billing import accruals
from sharemtc.billing.accruals import Metered
from sharemtc.hosts.states import HostState
from sharemtc.money import CURRENCY
from sharemtc.resources import Demand
from sharemtc.schemas import GivenId, Instant, PageQuery, Schema, View
from sharemtc.storage.unreadable import found_apart
from sharemtc.wire import LARGEST_VM, Verb, connect_address
from sharemtc.workloads.states import ENDED, LOST_AFTER, Desired, Observed, PhaseState, Status, actions, phases
from sharemtc.workloads.table import Vm

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
HOSTNAME = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"


class VmCreate(Schema):
    """A VM to rent. `name` becomes its host name."""

    name: str = Field(pattern=HOSTNAME, description="Lower-case letters, digits and dashes", examples=["web-1"])
    template_id: GivenId
    vcpus: int = Field(ge=1, le=LARGEST_VM.vcpus)
    memory_mib: int = Field(ge=64, le=LARGEST_VM.memory_mib)
    disk_gib: int = Field(ge=1, le=LARGEST_VM.disk_gib)
    ssh_key_ids: tuple[GivenId, ...] = Field(min_length=1, max_length=20)
    host_id: GivenId | None = None
    quote_id: GivenId | None = None

    @property
    def demand(self) -> Demand:
        """What it needs of a host."""
        return Demand(self.vcpus, self.memory_mib, self.disk_gib)


class VmQuery(PageQuery):
    """Which VMs."""

    status: Status | None = None


class PhaseView(View):
    """A step on the way to a ready machine."""

    name: str
    state: PhaseState
    started_at: Instant | None
    elapsed_ms: int | None


class Connect(View):
    """How the machine is reached."""

    host: str
    port: int
    user: str
    command: str


class FailureView(View):
    """Why it failed."""

    code: str
    detail: str


class VmView(View):
    """A VM: what is wanted, what is proved, what it costs and what may be done now. Money as of `as_of`."""

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
    host_state: HostState | None = Field(description="Its host at this moment; none once the VM has ended")
    host_heard_at: Instant | None = Field(description="The last heartbeat of its host; none once the VM has ended")
    proven_until: Instant | None = Field(description="Until when it is proved, and `spent_micros` counts")
    lost_declarable_at: Instant | None = Field(description="While its host is silent: when it may be declared lost")
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
    connect: Connect | None
    failure: FailureView | None
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    as_of: Instant

    @classmethod
    def of(cls, vm: Vm, metered: Metered | None, now: datetime) -> Self:
        """The view at `now`; no meter yet: nothing is owed."""
        rate = metered.meter.present_rate_nanos_per_hour if metered else 0
        over = metered is None or vm.observed in ENDED
        return cls(
            **{name: getattr(vm, name) for name in _SAME},
            status=vm.status,
            phases=[PhaseView.model_validate(phase) for phase in _timeline(vm, now)],
            actions=list(actions(vm.status, metered.host_state if metered else HostState.READY)),
            billable=rate > 0,
            rate_nanos_per_hour=rate,
            spent_micros=metered.cost_micros if metered else 0,
            billed_s=metered.billed_ms // 1000 if metered else 0,
            host_state=None if over or metered is None else metered.host_state,
            host_heard_at=None if over or metered is None else metered.lease.last_seen_at,
            proven_until=None if over or metered is None else metered.proven_until,
            lost_declarable_at=None
            if over or metered is None or metered.is_heard
            else metered.silent_since + LOST_AFTER,
            currency=CURRENCY,
            connect=_connect(vm),
            failure=FailureView(code=vm.failure_code, detail=vm.failure_detail or "") if vm.failure_code else None,
            started_at=vm.ready_at if vm.observed is Observed.RUNNING else None,
            as_of=now,
        )


_SAME = (
    "id", "name", "desired", "observed", "generation", "version", "host_id", "host_name", "region", "template_id",
    "template_name", "vcpus", "memory_mib", "disk_gib", "allocation_id", "running_rate_nanos_per_hour",
    "stopped_rate_nanos_per_hour", "created_at", "ended_at",
)  # fmt: skip


def _timeline(vm: Vm, now: datetime) -> list[object]:
    starts = {
        "queued": vm.queued_at,
        "placing": vm.placing_at,
        "preparing": vm.preparing_at,
        "booting": vm.booting_at,
        "ready": vm.ready_at,
    }
    over = vm.ended_at if vm.observed in ENDED else None
    return list(phases(starts, over_at=over, now=now))


def _connect(vm: Vm) -> Connect | None:
    if vm.observed is not Observed.RUNNING or vm.ssh_port is None or vm.status is not Status.RUNNING:
        return None
    # the address is a host's word, and people paste the command: nothing but an address may stand in it
    try:
        host = connect_address(vm.connect_address)
    except ValueError:
        return None
    if not _USER.fullmatch(vm.default_user) or not 0 < vm.ssh_port < 2**16:
        return None
    command = shlex.join(["ssh", "-p", str(vm.ssh_port), f"{vm.default_user}@{host}"])
    return Connect(host=host, port=vm.ssh_port, user=vm.default_user, command=command)


class VmPage(View):
    """One page of VMs."""

    items: list[VmView]
    next_cursor: str | None


def read(vm: Vm) -> VmView:
    """The view of a stored VM with its meter, now."""
    return VmView.of(vm, accruals.find(vm.allocation_id), clock.now())


def reader(vms: Sequence[Vm]) -> Callable[[Vm], VmView]:
    """What gives the view of each of these stored VMs, now; their meters and hosts are read together."""
    metered = found_apart(accruals.find_many, [vm.allocation_id for vm in vms])
    now = clock.now()
    return lambda vm: VmView.of(vm, metered(vm.allocation_id), now)
