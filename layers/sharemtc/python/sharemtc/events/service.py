"""Appends events to a transaction; reads events since a cursor."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from sharemtc import clock
from sharemtc.events.data import CARRIED_BY, EventData
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.events.table import Event
from sharemtc.ids import IdKind, id_floor, new_id
from sharemtc.problems import FieldError, Invalid
from sharemtc.storage.pages import Page, page
from sharemtc.storage.transactions import Transaction
from sharemtc.storage.unreadable import skip_unreadable

KEPT = timedelta(days=30)
# An event's id is created before its transaction commits; reading this far back includes late commits.
LATE_COMMITS = timedelta(seconds=4)
FIRST_LOOK_BACK = timedelta(hours=1)
LONGEST_LOOK_BACK = timedelta(days=2)
# how far the clocks of two processes may differ
MAX_AHEAD = timedelta(minutes=1)


def append(
    transaction: Transaction,
    owner_id: str,
    type: EventType,
    resource_id: str,
    *,
    reason: EventReason,
    actor: str,
    at: datetime,
    detail: str = "",
    data: EventData | None = None,
) -> None:
    """Record a transition in the transaction that makes it: `detail` is for people, `data` for programs."""
    assert data is None or type in CARRIED_BY[data.__class__], (type, data)
    event_id = new_id(IdKind.EVENT)
    transaction.create(
        Event(
            _partition(owner_id, clock.now()),
            event_id,
            id=event_id,
            owner_id=owner_id,
            type=type,
            resource_type=type.resource,
            resource_id=resource_id,
            reason=reason,
            actor=actor,
            detail=detail,
            data=data,
            at=at,
            expires_at=at + KEPT,
        )
    )


def after(owner_id: str, cursor: str | None, *, limit: int = 200) -> tuple[list[Event], str]:
    """The owner's events since `cursor`, oldest first, and the next cursor.

    Delivery is at least once: the last few seconds are repeated, so that no late commit is missed. The reader drops
    known ids.
    """
    now = clock.now()
    since = max(_parse(cursor, now) if cursor else now - FIRST_LOOK_BACK, now - LONGEST_LOOK_BACK)
    found: list[Event] = []
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= now and len(found) < limit:
        condition = Event.sk > id_floor(IdKind.EVENT, since)
        wanted = limit - len(found)
        found += islice(skip_unreadable(Event.query(_partition(owner_id, day), condition, page_size=wanted)), wanted)
        day += timedelta(days=1)
    following = found[-1].at if len(found) >= limit else now - LATE_COMMITS
    return found, str(clock.to_ms(max(following, since)))


def of_resource(resource_id: str, *, limit: int, cursor: str | None) -> Page[Event]:
    return page(Event.by_resource, resource_id, limit=limit, cursor=cursor)


def of_resource_since(resource_id: str, since: datetime, *, limit: int) -> list[Event]:
    found = Event.by_resource.query(
        resource_id, Event.sk > id_floor(IdKind.EVENT, since), limit=limit, scan_index_forward=False
    )
    return list(skip_unreadable(found))


def _partition(owner_id: str, at: datetime) -> str:
    return f"OWNER#{owner_id}#{at:%Y%m%d}"


def _parse(cursor: str, now: datetime) -> datetime:
    # a cursor in the future would hide all events until then
    if cursor.isascii() and cursor.isdigit() and int(cursor) <= clock.to_ms(now + MAX_AHEAD):
        return clock.from_ms(int(cursor))
    raise Invalid(errors=(FieldError("/after", "cursor", "This is not a cursor of this list."),))
