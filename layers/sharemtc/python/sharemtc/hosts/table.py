"""A host's records: who it is (`HOST`), what it may still sell (`CAPACITY`), its last word (`LEASE`); its commands."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.dynamo import (
    DocumentAttribute,
    EnumAttribute,
    ExpiryAttribute,
    InstantAttribute,
    IntegerAttribute,
    Record,
)
from sharemtc.hosts.states import HostState
from sharemtc.money import Prices
from sharemtc.settings import table_name
from sharemtc.wire import CommandResult, Figures, Inventory, Verb, VmSpec, Workload

SHARDS = 4


class ByOwner(GlobalSecondaryIndex["Host"]):
    """A provider's hosts."""

    class Meta:
        index_name = "by_owner"
        projection = AllProjection()

    owner_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByShard(GlobalSecondaryIndex["Host"]):
    """All hosts that are not retired, in `SHARDS` partitions: for the sweep and the market, never a scan."""

    class Meta:
        index_name = "by_shard"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByQueue(GlobalSecondaryIndex["Command"]):
    """Commands that wait for a host. Sparse: an ended command leaves it."""

    class Meta:
        index_name = "by_queue"
        projection = AllProjection()

    queue = UnicodeAttribute(hash_key=True)
    created_at = InstantAttribute(range_key=True)


class HostsRecord(Record):
    """What stands in the hosts table."""

    class Meta:
        table_name = table_name("hosts")


class Host(HostsRecord):
    """One machine: its owner, key, description and price book. `pk` `HOST#<id>`, `sk` `HOST`."""

    id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    shard = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    public_key = UnicodeAttribute()
    inventory = DocumentAttribute(Inventory)
    prices = DocumentAttribute(Prices)
    enrolled_at = InstantAttribute()

    by_owner = ByOwner()
    by_shard = ByShard()


class Capacity(HostsRecord):
    """The counters that selling goes by. `sk` `CAPACITY`. Changed by arithmetic under conditions, never written back.

    `epoch` grows whenever the host comes back from silence, so that a decision made before does not hold after.
    """

    state = EnumAttribute(HostState)
    state_reason = UnicodeAttribute()
    state_at = InstantAttribute()
    epoch = IntegerAttribute()
    free_vcpus = IntegerAttribute()
    free_memory_mib = IntegerAttribute()
    free_disk_gib = IntegerAttribute()
    free_gpus = UnicodeSetAttribute(null=True)


class Lease(HostsRecord):
    """The last word of the host. `sk` `LEASE`.

    `proved_until` is when the workload list before the present one was last confirmed: how long a workload that has
    gone since is known to have run.
    """

    seq = IntegerAttribute()
    last_seen_at = InstantAttribute(null=True)
    proved_until = InstantAttribute(null=True)
    figures = DocumentAttribute(Figures, null=True)
    workloads = DocumentAttribute(tuple[Workload, ...], default=())


class EnrollmentCode(HostsRecord):
    """A single-use code, stored as its hash. `pk` `ENROLL#<sha256>`, `sk` `CODE`."""

    owner_id = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    expires_at = ExpiryAttribute()
    used_by = UnicodeAttribute(null=True)


class Command(HostsRecord):
    """One order to a host. `pk` `COMMAND#<id>`, `sk` `COMMAND`; `queue` holds the host's id while it waits.

    The task token is the callback of the state machine that waits for the result; a later attempt overwrites it.
    """

    id = UnicodeAttribute()
    host_id = UnicodeAttribute()
    queue = UnicodeAttribute(null=True)
    vm_id = UnicodeAttribute()
    verb = EnumAttribute(Verb)
    generation = IntegerAttribute()
    spec = DocumentAttribute(VmSpec, null=True)
    request_id = UnicodeAttribute(null=True)
    task_token = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    leased_until = InstantAttribute(null=True)
    deadline = InstantAttribute()
    finished_at = InstantAttribute(null=True)
    result = DocumentAttribute(CommandResult, null=True)
    expires_at = ExpiryAttribute()

    by_queue = ByQueue()


def host_key(host_id: str) -> str:
    """The partition of one host's records."""
    return f"HOST#{host_id}"
