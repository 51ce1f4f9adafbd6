"""Virtual machines: their order, spec, proof and view.

The only module of this package that knows VMs; `kinds` registers them.
"""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from sharemtc.accounts import authorized_keys
from sharemtc.allocations.placement import Requirements
from sharemtc.billing.accruals import Metered
from sharemtc.problems import FieldError
from sharemtc.schemas import GivenId, View
from sharemtc.wire import LARGEST_VM, Verb, VmProof, VmSpec, connect_address
from sharemtc.workloads.details import VmDetails
from sharemtc.workloads.schemas import WorkloadCreate, WorkloadView, shared_fields
from sharemtc.workloads.states import Observed, Status
from sharemtc.workloads.table import Workload

if TYPE_CHECKING:
    from sharemtc.catalog.table import Template

# the supported commands, and how long a host may take
TIME_LIMITS = {
    Verb.CREATE: timedelta(seconds=120),
    Verb.START: timedelta(seconds=120),
    Verb.REBOOT: timedelta(seconds=120),
    Verb.STOP: timedelta(seconds=90),
    Verb.TERMINATE: timedelta(seconds=90),
}
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class VmCreate(WorkloadCreate):
    """A VM to rent. `name` becomes its host name."""

    vcpus: int = Field(ge=1, le=LARGEST_VM.vcpus)
    memory_mib: int = Field(ge=64, le=LARGEST_VM.memory_mib)
    disk_gib: int = Field(ge=1, le=LARGEST_VM.disk_gib)
    ssh_key_ids: tuple[GivenId, ...] = Field(min_length=1, max_length=20)


class Connect(View):
    """How to connect to the VM by SSH."""

    host: str
    port: int
    user: str
    command: str


class VmView(WorkloadView):
    """A VM: desired and proven state, cost, and the actions possible now. Money as of `as_of`."""

    connect: Connect | None


class VmPage(View):
    """One page of VMs."""

    items: list[VmView]
    next_cursor: str | None


def details(user_id: str, order: VmCreate, template: Template) -> VmDetails:
    """The details of a new VM. Errors: `Invalid` naming an SSH key that is not the user's."""
    public_keys = authorized_keys.public_keys(user_id, order.ssh_key_ids)
    return VmDetails(default_user=template.default_user, ssh_public_keys=public_keys)


def after_create(user_id: str, order: VmCreate, at: datetime) -> None:
    authorized_keys.mark_used(user_id, order.ssh_key_ids, at)


def requirements(vm: Workload) -> Requirements:
    """What a host must offer for the VM."""
    return Requirements(vm.demand, vm.image, vm.wanted_host_id, vm.wanted_region)


def spec(vm: Workload) -> VmSpec:
    """The spec from which its host makes the VM."""
    return VmSpec(
        kind="vm",
        name=vm.name,
        hostname=vm.name,
        image=vm.image,
        vcpus=vm.demand.vcpus,
        memory_mib=vm.demand.memory_mib,
        disk_gib=vm.demand.disk_gib,
        ssh_public_keys=vm.details.ssh_public_keys,
    )


def proof_errors(proof: VmProof) -> tuple[FieldError, ...]:
    """Why the proof is not evidence of the state that it names: a running VM has answered by SSH."""
    errors = []
    if proof.state == "running":
        if proof.ssh_port is None:
            errors.append(FieldError("/proof/ssh_port", "missing", "Give the port on which the guest answered."))
        if not proof.ssh_banner.startswith("SSH-"):
            errors.append(FieldError("/proof/ssh_banner", "missing", "Give the SSH banner that the guest sent."))
    else:
        if proof.ssh_port is not None:
            errors.append(FieldError("/proof/ssh_port", "does_not_fit", "A VM that does not run answers on no port."))
        if proof.ssh_banner:
            errors.append(FieldError("/proof/ssh_banner", "does_not_fit", "A VM that does not run sends no banner."))
    if proof.state == "gone" and proof.files_left:
        message = f"{proof.files_left} files are left: a VM is gone when none are."
        errors.append(FieldError("/proof/files_left", "does_not_fit", message))
    return tuple(errors)


def details_after(vm: Workload, proof: VmProof) -> VmDetails:
    """The details after a proof."""
    known: VmDetails = vm.details
    return known.model_copy(update={"ssh_port": proof.ssh_port})


def view(vm: Workload, metered: Metered | None, now: datetime) -> VmView:
    return VmView(**shared_fields(vm, metered, now, verbs=TIME_LIMITS), connect=_connect(vm))


def _connect(vm: Workload) -> Connect | None:
    known: VmDetails = vm.details
    if vm.observed is not Observed.RUNNING or known.ssh_port is None or vm.status is not Status.RUNNING:
        return None
    # the host reports the address, and people paste the command: it must contain nothing but an address
    try:
        host = connect_address(vm.connect_address)
    except ValueError:
        return None
    if not _USER.fullmatch(known.default_user) or not 0 < known.ssh_port < 2**16:
        return None
    command = shlex.join(["ssh", "-p", str(known.ssh_port), f"{known.default_user}@{host}"])
    return Connect(host=host, port=known.ssh_port, user=known.default_user, command=command)
