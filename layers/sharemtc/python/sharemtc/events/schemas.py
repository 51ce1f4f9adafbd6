"""What goes out over HTTP for events."""

from pydantic import Field

from sharemtc.events.data import EventData
from sharemtc.events.kinds import EventReason, EventResource, EventType
from sharemtc.schemas import Instant, Schema, View


class EventView(View):
    """One transition."""

    id: str
    type: EventType
    resource_type: EventResource
    resource_id: str
    reason: EventReason
    actor: str
    detail: str = Field(description="Text for people; what programs need is in `data`")
    data: EventData | None
    at: Instant


class EventPage(View):
    """One page of a resource's events, newest first."""

    items: list[EventView]
    next_cursor: str | None


class EventFeed(View):
    """What changed since `after`, oldest first; some of it may be told twice. `cursor` is the next `after`."""

    items: list[EventView]
    cursor: str


class EventQuery(Schema):
    """Where to go on."""

    after: str | None = Field(default=None, max_length=20, description="`cursor` of the answer before")
