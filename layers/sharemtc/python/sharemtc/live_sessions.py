"""Whether the session behind an access token still goes on: what every request that changes something asks.

A token is verified by its signature alone and lives for 15 minutes, so signing out, a new password, a taken role and a
deleted account do not reach it. Reading goes on until it ends and costs no look at any table; changing does not.
Sessions themselves belong to accounts (`sharemtc.accounts.sessions`), which stand above this module.
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
    """The little that is read of a `User` (role, session_epoch) and of a `Session` (epoch, expires_at)."""

    class Meta:
        table_name = table_name("accounts")

    role = UnicodeAttribute(null=True)
    session_epoch = IntegerAttribute(default=0)
    epoch = IntegerAttribute(default=0)
    expires_at = ExpiryAttribute(null=True)


def demand_live(caller: Principal) -> None:
    """Refuse a person's access token whose session is over, or who has another role now; one read of two records.

    Errors: `WrongToken`: whoever still has a session gets a token that says what is true now by refreshing it.
    """
    pk = f"USER#{caller.user_id}"
    places = [(pk, "USER"), (pk, f"SESSION#{caller.session_id}")]
    found = batch_find(_Part, places)
    user, session = (found.get(place) for place in places)
    if user is None or session is None or session.expires_at is None or session.expires_at <= clock.now():
        raise WrongToken
    if session.epoch != user.session_epoch or user.role != caller.role:
        raise WrongToken
