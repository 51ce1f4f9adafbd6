"""Templates. `pk` `TEMPLATE#<id>`, `sk` `TEMPLATE`; those for everyone have the visibility `public`."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.resources import Demand
from sharemtc.settings import table_name
from sharemtc.storage.attributes import InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record


class ByVisibility(GlobalSecondaryIndex["Template"]):
    class Meta:
        index_name = "by_visibility"
        projection = AllProjection()

    visibility = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class Template(Record):
    """An image with its minimum size and the user for SSH."""

    class Meta:
        table_name = table_name("catalog")

    id = UnicodeAttribute()
    visibility = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    image = UnicodeAttribute()
    min_vcpus = IntegerAttribute()
    min_memory_mib = IntegerAttribute()
    min_disk_gib = IntegerAttribute()
    default_user = UnicodeAttribute()
    created_at = InstantAttribute()

    by_visibility = ByVisibility()

    @property
    def least(self) -> Demand:
        return Demand(self.min_vcpus, self.min_memory_mib, self.min_disk_gib)
