"""Provider records."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.hosts.kinds import ProviderState, ProviderTier
from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import EnumAttribute, InstantAttribute, IntegerAttribute

PROVIDER_SHARDS = 8


class ByProviderShard(GlobalSecondaryIndex["Provider"]):
    """All providers in `PROVIDER_SHARDS` partitions, oldest first. Sparse: only providers have its key."""

    class Meta:
        index_name = "by_provider_shard"
        projection = AllProjection()

    provider_shard = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Provider(HostsRecord):
    """A user who owns hosts; `id` is the user's. `pk` `PROVIDER#<id>`, `sk` `PROVIDER`.

    `live_hosts` counts the hosts that are not retired; it changes in the transactions that enroll and retire them.
    """

    id = UnicodeAttribute()
    provider_shard = UnicodeAttribute()
    display_name = UnicodeAttribute()
    tier = EnumAttribute(ProviderTier)
    state = EnumAttribute(ProviderState)
    state_reason = UnicodeAttribute(default="")
    draining = BooleanAttribute(default=False)
    live_hosts = IntegerAttribute(default=0)
    version = IntegerAttribute()
    created_at = InstantAttribute()

    by_provider_shard = ByProviderShard()


def provider_key(user_id: str) -> str:
    return f"PROVIDER#{user_id}"
