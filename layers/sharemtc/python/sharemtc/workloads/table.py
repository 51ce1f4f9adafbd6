"""VMs. `pk` `VM#<id>`, `sk` `VM`."""

from __future__ import annotations

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, EnumAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record
from sharemtc.storage.transactions import Moved, Refusal, Transaction
from sharemtc.wire import Verb
from sharemtc.workloads.states import Desired, Observed, Status, status

SHARDS = 4


class VmMoved(Moved):
    """Another writer changed the VM first."""

    code, title = "vm_moved", "The VM changed meanwhile"


class ByUser(GlobalSecondaryIndex["Vm"]):
    """A user's VMs."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByUserStatus(GlobalSecondaryIndex["Vm"]):
    """A user's VMs of one status."""

    class Meta:
        index_name = "by_user_status"
        projection = AllProjection()

    user_status = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Unsettled(GlobalSecondaryIndex["Vm"]):
    """VMs with an operation under way, for the reconciler. Sparse."""

    class Meta:
        index_name = "unsettled"
        projection = AllProjection()

    unsettled_shard = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Vm(Record):
    """One machine. `generation` grows with every order and fences late answers; `version` fences every write.

    `operation` is the order under way, `attempt` how often it was placed, `drive` how often its execution was started,
    `request_id` the request that ordered it.
    """

    class Meta:
        table_name = table_name("workloads")

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    user_status = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    template_id = UnicodeAttribute()
    template_name = UnicodeAttribute()
    image = UnicodeAttribute()
    default_user = UnicodeAttribute()
    ssh_public_keys = DocumentAttribute(tuple[str, ...])
    vcpus = IntegerAttribute()
    memory_mib = IntegerAttribute()
    disk_gib = IntegerAttribute()

    desired = EnumAttribute(Desired)
    observed = EnumAttribute(Observed)
    operation = EnumAttribute(Verb, null=True)
    unsettled_shard = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    generation = IntegerAttribute()
    attempt = IntegerAttribute()
    drive = IntegerAttribute()
    driven_at = InstantAttribute(null=True)
    version = IntegerAttribute()

    host_id = UnicodeAttribute()
    host_name = UnicodeAttribute()
    region = UnicodeAttribute()
    # what the order demands of any host that the VM may be placed on
    wanted_host_id = UnicodeAttribute(null=True)
    wanted_region = UnicodeAttribute(null=True)
    allocation_id = UnicodeAttribute()
    running_rate_nanos_per_hour = IntegerAttribute()
    stopped_rate_nanos_per_hour = IntegerAttribute()
    connect_address = UnicodeAttribute()
    ssh_port = IntegerAttribute(null=True)
    boot_id = UnicodeAttribute(null=True)

    created_at = InstantAttribute()
    queued_at = InstantAttribute()
    placing_at = InstantAttribute(null=True)
    preparing_at = InstantAttribute(null=True)
    booting_at = InstantAttribute(null=True)
    ready_at = InstantAttribute(null=True)
    settled_at = InstantAttribute(null=True)
    warned_at = InstantAttribute(null=True)
    ended_at = InstantAttribute(null=True)
    failure_code = UnicodeAttribute(null=True)
    failure_detail = UnicodeAttribute(null=True)

    by_user = ByUser()
    by_user_status = ByUserStatus()
    unsettled = Unsettled()

    @property
    def status(self) -> Status:
        """The one word for the user."""
        return status(self.observed, self.operation)


def vm_key(vm_id: str) -> str:
    """The partition of one VM."""
    return f"VM#{vm_id}"


def user_status(user_id: str, status: Status) -> str:
    """The partition of a user's VMs of one status."""
    return f"{user_id}#{status}"


def create(transaction: Transaction, vm: Vm) -> None:
    """Write a VM that is new."""
    vm.user_status = user_status(vm.user_id, vm.status)
    transaction.create(vm)


def save(transaction: Transaction, vm: Vm, *, refused: Refusal | None = None) -> None:
    """Write the VM if nobody else did since it was read."""
    seen = vm.version
    vm.version = seen + 1
    vm.user_status = user_status(vm.user_id, vm.status)
    transaction.put(vm, Vm.version == seen, refused=refused or VmMoved())


def settle(vm: Vm, at: datetime) -> None:
    """The operation is over: the VM is in its state since `at`."""
    vm.operation, vm.unsettled_shard, vm.settled_at = None, None, at
