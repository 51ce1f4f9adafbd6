"""Workload records. `pk` `WORKLOAD#<id>`, `sk` `WORKLOAD`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.resources import Demand
from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, EnumAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record, batch_find
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import Verb
from sharemtc.wire.kinds import ID_PREFIXES, WorkloadKind
from sharemtc.workloads.details import Details
from sharemtc.workloads.states import Desired, Observed, Status, status

if TYPE_CHECKING:
    from sharemtc.hosts.service import HostStatus

SHARDS = 4
_SORT_KEY = "WORKLOAD"


class WorkloadConflict(WriteConflict):
    """Another writer changed the workload first."""

    code, title = "workload_moved", "The workload changed meanwhile"


class ByUser(GlobalSecondaryIndex["Workload"]):
    """A user's workloads. Ids start with their kind's prefix, so a range is one kind in order of time."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByUserStatus(GlobalSecondaryIndex["Workload"]):
    """A user's workloads of one status, in the same ranges as `ByUser`."""

    class Meta:
        index_name = "by_user_status"
        projection = AllProjection()

    user_status = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByGroup(GlobalSecondaryIndex["Workload"]):
    """Workloads that belong together, such as a cluster's nodes. Sparse."""

    class Meta:
        index_name = "by_group"
        projection = AllProjection()

    group_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Unsettled(GlobalSecondaryIndex["Workload"]):
    """Workloads with an operation in progress, for the reconciler. Sparse."""

    class Meta:
        index_name = "unsettled"
        projection = AllProjection()

    unsettled_shard = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Workload(Record):
    """One user's workload on a host. Fields of its kind only are in `details`.

    `generation` grows with every operation and fences late results; `version` fences every write. `operation` is the
    one in progress, `attempt` counts its placements, `drive` the starts of its execution, `request_id` is the request
    that caused it. `boot_id` is the last proven boot.
    """

    class Meta:
        table_name = table_name("workloads")

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    user_status = UnicodeAttribute(null=True)
    group_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    template_id = UnicodeAttribute()
    template_name = UnicodeAttribute()
    image = UnicodeAttribute()
    demand = DocumentAttribute(Demand)
    details = DocumentAttribute(Details)

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
    # the user's choice of host and region, also for a relocation
    wanted_host_id = UnicodeAttribute(null=True)
    wanted_region = UnicodeAttribute(null=True)
    allocation_id = UnicodeAttribute()
    running_rate_nanos_per_hour = IntegerAttribute()
    stopped_rate_nanos_per_hour = IntegerAttribute()
    connect_address = UnicodeAttribute()
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
    by_group = ByGroup()
    unsettled = Unsettled()

    @property
    def kind(self) -> WorkloadKind:
        return WorkloadKind(self.details.kind)

    @property
    def status(self) -> Status:
        return status(self.observed, self.operation)


def workload_key(workload_id: str) -> str:
    return f"WORKLOAD#{workload_id}"


def find(workload_id: str) -> Workload | None:
    """The workload, by a consistent read."""
    return Workload.find(workload_key(workload_id), _SORT_KEY)


def get(workload_id: str) -> Workload:
    """The existing workload, by a consistent read."""
    return Workload.get(workload_key(workload_id), _SORT_KEY, consistent_read=True)


def find_many(workload_ids: Iterable[str], *, unreadable: set[str] | None = None) -> dict[str, Workload]:
    """The existing and readable ones of these workloads; `unreadable` collects the ids of unreadable ones."""
    unreadable_keys: set[tuple[str, str]] = set()
    found = batch_find(
        Workload, [(workload_key(one), _SORT_KEY) for one in workload_ids], unreadable_keys=unreadable_keys
    )
    if unreadable is not None:
        unreadable |= {pk.removeprefix(workload_key("")) for pk, _ in unreadable_keys}
    return {one.id: one for one in found.values()}


def user_status(user_id: str, status: Status) -> str:
    """The partition of a user's workloads of one status."""
    return f"{user_id}#{status}"


def of_kind(kind: WorkloadKind) -> Condition:
    """The range of one kind in a user's workloads."""
    return Workload.id.startswith(f"{ID_PREFIXES[kind]}_")


def shard_of(workload_id: str) -> str:
    """The reconciler's partition of a workload: its id's last letter spreads them evenly."""
    return str(ord(workload_id[-1]) % SHARDS)


def create(transaction: Transaction, workload: Workload) -> None:
    workload.pk, workload.sk = workload_key(workload.id), _SORT_KEY
    workload.user_status = user_status(workload.user_id, workload.status)
    transaction.create(workload)


def save(transaction: Transaction, workload: Workload) -> None:
    """Write the workload if it is unchanged since it was read."""
    seen = workload.version
    workload.version = seen + 1
    workload.user_status = user_status(workload.user_id, workload.status)
    transaction.put(workload, Workload.version == seen, refused=WorkloadConflict())


def set_host(workload: Workload, at: HostStatus) -> None:
    """Note the host on which the workload is placed."""
    workload.host_id, workload.host_name = at.host.id, at.host.name
    workload.region, workload.connect_address = at.region, at.host.inventory.connect_address


def settle(workload: Workload, at: datetime) -> None:
    """End the operation: the workload has been in its state since `at`."""
    workload.operation, workload.unsettled_shard, workload.settled_at = None, None, at
