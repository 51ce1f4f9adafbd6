"""Allocation records. `pk` `ALC#<id>`, `sk` `ALLOCATION`."""

from __future__ import annotations

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.allocations.states import AllocationState
from sharemtc.resources import Demand, Slice
from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, EnumAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record


class ByUser(GlobalSecondaryIndex["Allocation"]):
    """A user's allocations."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class LiveByHost(GlobalSecondaryIndex["Allocation"]):
    """The allocations that hold a slice of a host. Sparse."""

    class Meta:
        index_name = "live_by_host"
        projection = AllProjection()

    live_host_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByProvider(GlobalSecondaryIndex["Allocation"]):
    """Past and present allocations on a provider's hosts, a partition for each month in which they were opened."""

    class Meta:
        index_name = "by_provider"
        projection = AllProjection()

    provider_month = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Allocation(Record):
    """A slice of `host_id` for `user_id`, at the rates agreed when it was opened.

    `demand` is the workload's size, `held` what it holds of the host now, GPUs by UUID: a stopped workload holds its
    disk, an ended one nothing. `awaits_proof`: the workload has ended, and its host has yet to prove that nothing of it
    is left.
    """

    class Meta:
        table_name = table_name("allocations")

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    provider_id = UnicodeAttribute()
    provider_month = UnicodeAttribute(null=True)
    host_id = UnicodeAttribute()
    live_host_id = UnicodeAttribute(null=True)
    workload_id = UnicodeAttribute()
    state = EnumAttribute(AllocationState)
    awaits_proof = BooleanAttribute(default=False)
    version = IntegerAttribute()
    demand = DocumentAttribute(Demand)
    held = DocumentAttribute(Slice)
    running_rate_nanos_per_hour = IntegerAttribute()
    stopped_rate_nanos_per_hour = IntegerAttribute()
    created_at = InstantAttribute()
    ended_at = InstantAttribute(null=True)

    by_user = ByUser()
    live_by_host = LiveByHost()
    by_provider = ByProvider()


def allocation_key(allocation_id: str) -> str:
    return f"ALC#{allocation_id}"


def provider_month(provider_id: str, opened_at: datetime) -> str:
    """The partition of a provider's allocations opened in that month."""
    return f"{provider_id}#{opened_at:%Y%m}"
