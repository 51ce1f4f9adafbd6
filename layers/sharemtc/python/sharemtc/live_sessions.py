"""Checks the session behind an access token, for every request that changes something.

A token is verified by its signature and valid for 15 minutes, so signing out, a new password, a changed role and a
deleted account do not invalidate it. Reads accept it until it expires, without reading any table; changes do not.
Sessions themselves belong to `sharemtc.accounts.sessions`, which imports this layer.
"""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc import clock
from sharemtc.access_tokens import WrongToken
from sharemtc.principals import Principal
from sharemtc.settings import table_name
from sharemtc.storage.attributes import ExpiryAttribute, IntegerAttribute
from sharemtc.storage.records import Record, batch_find


class _Part(Record):
    """The attributes that are read of a `User` (role, session_epoch) and of a `Session` (epoch, expires_at)."""

    class Meta:
        table_name = table_name("accounts")

    role = UnicodeAttribute(null=True)
    session_epoch = IntegerAttribute(default=0)
    epoch = IntegerAttribute(default=0)
    expires_at = ExpiryAttribute(null=True)


def require_live(caller: Principal) -> None:
    """Reject an access token whose session has ended or whose user's role has changed. One read of two records.

    Errors: `WrongToken`. With a live session, refreshing gives a token with the current role.
    """
    pk = f"USER#{caller.user_id}"
    places = [(pk, "USER"), (pk, f"SESSION#{caller.session_id}")]
    found = batch_find(_Part, places)
    user, session = (found.get(place) for place in places)
    if user is None or session is None or session.expires_at is None or session.expires_at <= clock.now():
        raise WrongToken
    if session.epoch != user.session_epoch or user.role != caller.role:
        raise WrongToken
