"""A host's records: who it is (`HOST`), what it may sell (`CAPACITY`), its last heartbeat (`CONTACT`); its commands.

And those of its provider: profile, enrollment codes, devices, price books, self-tests.
"""

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

# a partition stays under a thousand items up to 16,000 hosts; those of before are in the first four
SHARDS = 16


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


class HostsRecord(Record):
    """What stands in the hosts table."""

    class Meta:
        table_name = table_name("hosts")


class Host(HostsRecord):
    """One machine: its owner, key, description and settings. `pk` `HOST#<id>`, `sk` `HOST`.

    `version` grows with every change of this record. `price_versions` are those that are or will be in effect, all
    of them are `PriceBook` records; a host of before price books has none and asks `prices`. `lost_reason`: an
    operator declared it lost. `ban_reason`: an operator banned it, and its state follows.
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
    """The counters that selling goes by. `sk` `CAPACITY`. Changed by arithmetic under conditions, never written back.

    `epoch` grows whenever the host comes back, so that a decision made before does not hold after. `offered_*` is
    what the owner put on sale altogether, `withheld_*` what of it the machine does not have at present, and what is
    leased is `offered - withheld - free`. A free count below zero is what the machine lacks of what is leased. Withheld
    GPUs stay in the sets of those offered and free: what is withheld is never taken. `free_*_at` is when the count last
    changed: as nothing can be taken of a count of zero, that is since when a host is full.
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
    """The last heartbeat of the host that was written down for itself. `sk` `CONTACT`.

    Under load later heartbeats that told nothing new stand in `HeartbeatBatch`s, so what is known of a host is both
    together: `liveness.read_state`. `instance` is the agent's present start, `superseded` the ones before with the
    second, by the host's clock, at which their successor first spoke. `clock_offset_ms` is how far the host's clock was
    behind ours. Of each workload that is not listed as running any more, `last_running` is the last heartbeat that did
    so, and `last_listed`, of one that is not listed at all, the last that listed it. `last_gap_at` is the end of the
    newest `GapRecord`, and `beginnings_ms` is when the uptime of each workload began: see `continuity`. `spent_seq` is
    the highest number of another request that may count only once: see `sequences`.
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
    beginnings_ms = DocumentAttribute(dict[str, int], default=dict)


class GapRecord(HostsRecord):
    """The gaps that one heartbeat ends, written in its transaction. `sk` `GAP#<end in ms>#<its seq>`."""

    gaps = DocumentAttribute(tuple[Gap, ...])
    expires_at = ExpiryAttribute()


class Device(HostsRecord):
    """Which host a GPU is in, and which allocation holds it. `pk` `DEVICE#<uuid>`, `sk` `DEVICE`."""

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
    """The starts on a host that failed since the last that came up. `sk` `STARTS`."""

    command_ids = UnicodeSetAttribute(null=True)
    last_code = UnicodeAttribute(default="")


# what a heartbeat has to know of its host stands together in the host's partition and is read at once: the counters
# (`CAPACITY`), the commands that wait (`COMMAND#…`), the last heartbeat (`CONTACT`). What else stands there begins
# later
SNAPSHOT_PREFIX = "C"
LEASE = "CONTACT"
STARTS = "STARTS"


def host_key(host_id: str) -> str:
    """The partition of one host's records."""
    return f"HOST#{host_id}"


def device_key(uuid: str) -> str:
    """The partition of one GPU."""
    return f"DEVICE#{uuid}"


def unchanged(host: Host) -> Condition:
    """That the stored host is the version that was read."""
    return Host.version == host.version if host.version else Host.version.does_not_exist()
