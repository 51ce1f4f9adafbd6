"""Events are kept for 30 days, one partition for an owner and a day, and found by resource through one index."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.dynamo import ExpiryAttribute, InstantAttribute, Record
from sharemtc.settings import table_name


class ByResource(GlobalSecondaryIndex["Event"]):
    """Events of one resource, oldest first."""

    class Meta:
        index_name = "by_resource"
        projection = AllProjection()

    resource_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class Event(Record):
    """One transition: what, of which resource, caused by whom, why and when."""

    class Meta:
        table_name = table_name("events")

    id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    type = UnicodeAttribute()
    resource_type = UnicodeAttribute()
    resource_id = UnicodeAttribute()
    reason = UnicodeAttribute()
    actor = UnicodeAttribute()
    detail = UnicodeAttribute(default="")
    at = InstantAttribute()
    expires_at = ExpiryAttribute()

    by_resource = ByResource()
