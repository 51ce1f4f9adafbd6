"""Events, kept for 30 days, in a partition per owner and day; an index finds them by resource."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.events.data import EventData
from sharemtc.events.kinds import EventReason, EventResource, EventType
from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, EnumAttribute, ExpiryAttribute, InstantAttribute
from sharemtc.storage.records import Record


class ByResource(GlobalSecondaryIndex["Event"]):
    """Events of one resource, oldest first."""

    class Meta:
        index_name = "by_resource"
        projection = AllProjection()

    resource_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class Event(Record):
    """One transition of a resource. `detail` is text for people; programs use `data`."""

    class Meta:
        table_name = table_name("events")

    id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    type = EnumAttribute(EventType)
    resource_type = EnumAttribute(EventResource)
    resource_id = UnicodeAttribute()
    reason = EnumAttribute(EventReason, unknown=EventReason.OTHER)
    actor = UnicodeAttribute()
    detail = UnicodeAttribute(default="")
    data = DocumentAttribute(EventData, null=True)
    at = InstantAttribute()
    expires_at = ExpiryAttribute()

    by_resource = ByResource()
