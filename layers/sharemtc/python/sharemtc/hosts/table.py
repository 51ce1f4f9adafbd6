"""Records in a host's partition: identity (`HOST`), capacity (`CAPACITY`), lease (`CONTACT`), and queued commands."""

from __future__ import annotations

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.hosts.kinds import CloudType
from sharemtc.hosts.states import HostState, Maintenance, StateReason
from sharemtc.hosts.values import Gap, KeptScore, PriceVersion
from sharemtc.money import Prices
from sharemtc.settings import table_name
from sharemtc.storage.attributes import (
    DocumentAttribute,
    EnumAttribute,
    ExpiryAttribute,
    InstantAttribute,
    IntegerAttribute,
)
from sharemtc.storage.records import Record
from sharemtc.wire import Figures, Inventory, SelfTest, Workload

# a partition stays under a thousand items up to 16,000 hosts
SHARDS = 16


class ByOwner(GlobalSecondaryIndex["Host"]):
    """A provider's hosts."""

    class Meta:
        index_name = "by_owner"
        projection = AllProjection()

    owner_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByShard(GlobalSecondaryIndex["Host"]):
    """All hosts that are not retired, in `SHARDS` partitions: for the sweep and the market."""

    class Meta:
        index_name = "by_shard"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class HostsRecord(Record):
    class Meta:
        table_name = table_name("hosts")


class Host(HostsRecord):
    """One host: its owner, key, inventory and settings. `pk` `HOST#<id>`, `sk` `HOST`.

    `version` grows with every change of this record. `price_versions` are the current and future ones; all are
    `PriceBook` records, and a host from before price books has none and uses `prices`. `lost_reason`: an operator
    declared it lost. `ban_reason`: an operator banned it, and its state follows.
    """

    id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    shard = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    public_key = UnicodeAttribute()
    inventory = DocumentAttribute(Inventory)
    prices = DocumentAttribute(Prices)
    price_versions = DocumentAttribute(tuple[PriceVersion, ...], default=())
    prices_version = IntegerAttribute(default=0)
    region = UnicodeAttribute(null=True)
    cloud_type = EnumAttribute(CloudType, default=CloudType.COMMUNITY)
    labels = DocumentAttribute(dict[str, str], default=dict)
    network_volume = BooleanAttribute(default=False)
    global_networking = BooleanAttribute(default=False)
    maintenance = DocumentAttribute(Maintenance, null=True)
    reliability = DocumentAttribute(KeptScore, null=True)
    ban_reason = UnicodeAttribute(null=True)
    lost_reason = UnicodeAttribute(null=True)
    version = IntegerAttribute(default=0)
    enrolled_at = InstantAttribute()

    by_owner = ByOwner()
    by_shard = ByShard()


class Capacity(HostsRecord):
    """The counters of a host's capacity. `sk` `CAPACITY`. Changed only by conditional arithmetic.

    `epoch` grows whenever the host returns, so that a placement from before does not hold after. `offered_*` is all
    that the owner offers, `withheld_*` what of it the host does not have at present, and leased is `offered - withheld
    - free`. A free counter below zero is what the host lacks of what is leased. Withheld GPUs stay in the sets of
    offered and free ones: withheld capacity is never taken. `free_*_at` is when the counter last changed: since nothing
    can be taken from zero, a host has been full since then.
    """

    state = EnumAttribute(HostState)
    state_reason = EnumAttribute(StateReason)
    state_at = InstantAttribute()
    epoch = IntegerAttribute()
    free_vcpus = IntegerAttribute()
    free_memory_mib = IntegerAttribute()
    free_disk_gib = IntegerAttribute()
    free_gpus = UnicodeSetAttribute(null=True)
    free_vcpus_at = InstantAttribute(null=True)
    free_memory_mib_at = InstantAttribute(null=True)
    free_disk_gib_at = InstantAttribute(null=True)
    offered_vcpus = IntegerAttribute(null=True)
    offered_memory_mib = IntegerAttribute(null=True)
    offered_disk_gib = IntegerAttribute(null=True)
    offered_gpus = UnicodeSetAttribute(null=True)
    withheld_vcpus = IntegerAttribute(default=0)
    withheld_memory_mib = IntegerAttribute(default=0)
    withheld_disk_gib = IntegerAttribute(default=0)
    withheld_gpus = UnicodeSetAttribute(null=True)


class Lease(HostsRecord):
    """The last heartbeat of the host that was written by itself. `sk` `CONTACT`.

    Under load, later unchanged heartbeats are in `HeartbeatBatch`es; `liveness.leases.read_state` joins both.
    `instance` is the agent's current instance; `superseded` holds earlier ones with the second, by the host's clock, of
    their successor's first heartbeat. `clock_offset_ms` is how far the host's clock was behind. `last_running` is, for
    each workload no longer listed as running, the last heartbeat that did; `last_listed` the same for workloads no
    longer listed at all. `last_gap_at` is the end of the newest `GapRecord`, and `uptime_starts_ms` when the uptime of
    each workload started: see `continuity`. `spent_seq` is the highest sequence of a request that may count only once:
    see `sequences`.
    """

    seq = IntegerAttribute()
    spent_seq = IntegerAttribute(null=True)
    last_seen_at = InstantAttribute(null=True)
    instance = UnicodeAttribute(null=True)
    superseded = DocumentAttribute(dict[str, int], default=dict)
    clock_offset_ms = IntegerAttribute(null=True)
    figures = DocumentAttribute(Figures, null=True)
    workloads = DocumentAttribute(tuple[Workload, ...], default=())
    last_running = DocumentAttribute(dict[str, datetime], default=dict)
    last_listed = DocumentAttribute(dict[str, datetime], default=dict)
    last_gap_at = InstantAttribute(null=True)
    uptime_starts_ms = DocumentAttribute(dict[str, int], default=dict)


class GapRecord(HostsRecord):
    """The gaps that one heartbeat ends, written in its transaction. `sk` `GAP#<end in ms>#<its seq>`."""

    gaps = DocumentAttribute(tuple[Gap, ...])
    expires_at = ExpiryAttribute()


class Device(HostsRecord):
    """Which host a GPU belongs to, and which allocation leases it. `pk` `DEVICE#<uuid>`, `sk` `DEVICE`."""

    uuid = UnicodeAttribute()
    host_id = UnicodeAttribute()
    allocation_id = UnicodeAttribute(null=True)
    claimed_at = InstantAttribute()


class SelfTestRun(HostsRecord):
    """A self-test as the host reported it. `pk` `SELFTESTS#<host id>`, `sk` its id."""

    id = UnicodeAttribute()
    test = DocumentAttribute(SelfTest)
    received_at = InstantAttribute()


class FailedStarts(HostsRecord):
    """Failed starts on a host since the last successful one. `sk` `STARTS`."""

    command_ids = UnicodeSetAttribute(null=True)
    last_code = UnicodeAttribute(default="")


# one query reads what a heartbeat needs: the counters (`CAPACITY`), queued commands (`COMMAND#…`) and the lease
# (`CONTACT`). The keys of all other records in the partition sort after these
SNAPSHOT_PREFIX = "C"
LEASE = "CONTACT"
STARTS = "STARTS"


def host_key(host_id: str) -> str:
    return f"HOST#{host_id}"


def device_key(uuid: str) -> str:
    return f"DEVICE#{uuid}"


def unchanged(host: Host) -> Condition:
    """That the stored host is the version that was read."""
    return Host.version == host.version if host.version else Host.version.does_not_exist()
