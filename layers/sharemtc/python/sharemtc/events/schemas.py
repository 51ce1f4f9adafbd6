"""Queries and responses of events."""

from pydantic import Field

from sharemtc.events.data import EventData
from sharemtc.events.kinds import EventReason, EventResource, EventType
from sharemtc.schemas import Instant, Schema, View


class EventView(View):
    """One event."""

    id: str
    type: EventType
    resource_type: EventResource
    resource_id: str
    reason: EventReason
    actor: str
    detail: str = Field(description="Text for people; programs use `data`")
    data: EventData | None
    at: Instant


class EventPage(View):
    """One page of a resource's events, newest first."""

    items: list[EventView]
    next_cursor: str | None


class EventFeed(View):
    """Events since `after`, oldest first; some may be repeated. Send `cursor` as the next `after`."""

    items: list[EventView]
    cursor: str


class EventQuery(Schema):
    """Where to continue."""

    after: str | None = Field(default=None, max_length=20, description="`cursor` of the previous response")
