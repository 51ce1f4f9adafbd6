"""Telemetry records, which all expire: raw chunks, roll-ups, health checks, logs.

`<key>` is a resource's id; for a GPU the host's id and its own. Partitions are periods, so that none holds more than
1,000 items at the default intervals.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from pynamodb.attributes import UnicodeAttribute

from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, ExpiryAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record
from sharemtc.telemetry.rollups import Figures, Points

Status = Literal["ok", "warning", "critical"]


class TelemetryRecord(Record):
    class Meta:
        table_name = table_name("telemetry")

    expires_at = ExpiryAttribute()


class Chunk(TelemetryRecord):
    """One batch's points of one resource in one five-minute slot. pk `RAW#<key>#<hour>`, sk `<slot>#<batch id>`.

    Written once; never changed.
    """

    points = DocumentAttribute(Points)

    @property
    def batch_id(self) -> str:
        return str(self.sk).partition("#")[2]


class Rollup(TelemetryRecord):
    """A summary of all metrics of a resource in one step. pk `5M#<key>#<day>` or `1H#<key>#<month>`, sk its start in s.

    `counted` is the number of points in it, including repeated ones. It only grows, so of two concurrent roll-ups the
    more complete one is kept.
    """

    figures = DocumentAttribute(Figures)
    counted = IntegerAttribute()


class Check(NamedTuple):
    """The latest result of one check."""

    status: Status
    details: str
    checked_at_ms: int


class Health(TelemetryRecord):
    """The latest result of each check. pk `HEALTH#<key>`, sk `STATE`."""

    checks = DocumentAttribute(dict[str, Check])
    version = IntegerAttribute()


class HealthCheck(TelemetryRecord):
    """A changed result. pk `HEALTH#<key>#<day>`, sk `<ms>#<check type>`."""

    resource_type = UnicodeAttribute()
    resource_id = UnicodeAttribute()
    check_type = UnicodeAttribute()
    status = UnicodeAttribute()
    details = UnicodeAttribute(default="")
    checked_at = InstantAttribute()


class Line(NamedTuple):
    """One line of a log; `at_ms` is Unix time."""

    at_ms: int
    level: Literal["debug", "info", "warning", "error"]
    source: str
    message: str


class LogChunk(TelemetryRecord):
    """One batch's lines of one host in four hours, oldest first. pk `LOG#<host id>#<start>`, sk `<ms>#<batch id>`."""

    lines = DocumentAttribute(list[Line])


def raw_partition(key: str, at: datetime) -> str:
    return f"RAW#{key}#{at:%Y%m%d%H}"


def five_minutes_partition(key: str, at: datetime) -> str:
    """The five-minute roll-ups of a day: 288."""
    return f"5M#{key}#{at:%Y%m%d}"


def hour_partition(key: str, at: datetime) -> str:
    """The hourly roll-ups of a month: at most 744."""
    return f"1H#{key}#{at:%Y%m}"


def health_partition(key: str, at: datetime) -> str:
    return f"HEALTH#{key}#{at:%Y%m%d}"


def log_partition(host_id: str, at: datetime) -> str:
    return f"LOG#{host_id}#{at:%Y%m%d}{at.hour // 4 * 4:02d}"


def second_key(ms: int) -> str:
    """A sort key: Unix seconds, ten digits."""
    return f"{ms // 1000:010d}"


def ms_key(ms: int) -> str:
    """A prefix of a sort key: Unix milliseconds, thirteen digits."""
    return f"{ms:013d}"
