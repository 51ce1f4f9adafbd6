"""Risks. `pk` `RISK#<id>`, `sk` `RISK`; the id is derived from kind and resource, so that a rule finds its risk."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc import clock
from sharemtc.ids import IdKind
from sharemtc.risks.kinds import RiskKind, RiskState, Severity
from sharemtc.settings import table_name
from sharemtc.storage.attributes import EnumAttribute, ExpiryAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record

SHARDS = 4


class ByFeed(GlobalSecondaryIndex["Risk"]):
    """Lists of risks: unresolved ones by severity in `SHARDS` partitions, resolved ones by day. Newest last."""

    class Meta:
        index_name = "by_feed"
        projection = AllProjection()

    feed = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class Risk(Record):
    """A risk of one resource. Every report updates `sightings` and `last_seen_at`; decisions increment `version`.

    `place` is the order in lists: the time it opened or was resolved, then the id.
    """

    class Meta:
        table_name = table_name("risks")

    id = UnicodeAttribute()
    kind = EnumAttribute(RiskKind)
    severity = EnumAttribute(Severity)
    resource_type = UnicodeAttribute()
    resource_id = UnicodeAttribute()
    owner_id = UnicodeAttribute(null=True)
    detail = UnicodeAttribute()
    state = EnumAttribute(RiskState)
    version = IntegerAttribute()
    sightings = IntegerAttribute()
    first_seen_at = InstantAttribute()
    last_seen_at = InstantAttribute()
    acknowledged_by = UnicodeAttribute(null=True)
    acknowledged_at = InstantAttribute(null=True)
    note = UnicodeAttribute(default="")
    resolved_at = InstantAttribute(null=True)
    feed = UnicodeAttribute()
    place = UnicodeAttribute()
    expires_at = ExpiryAttribute(null=True)

    by_feed = ByFeed()


def risk_id(kind: RiskKind, resource_id: str) -> str:
    return f"{IdKind.RISK}_{hashlib.sha256(f'{kind}|{resource_id}'.encode()).hexdigest()[:26]}"


def risk_key(id: str) -> str:
    return f"RISK#{id}"


def unresolved_feed(severity: Severity, shard: int) -> str:
    return f"UNRESOLVED#{severity}#{shard}"


def resolved_feed(day: datetime) -> str:
    return f"RESOLVED#{day:%Y%m%d}"


def feed_of(id: str, severity: Severity) -> str:
    return unresolved_feed(severity, int(id[-4:], 16) % SHARDS)


def place_of(id: str, at: datetime) -> str:
    """The sort key in lists; keys sort by time."""
    return f"{clock.to_ms(at):015d}#{id}"
