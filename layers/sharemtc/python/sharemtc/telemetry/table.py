"""Telemetry, all of it with an end: raw chunks, roll-ups, health checks, logs. `<key>` is a resource's id; a GPU's is
that of its host and its own. Partitions are stretches of time, so that none holds 1,000 items at the usual pace."""

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
    """What stands in the telemetry table."""

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
        """The batch, or part of one, that brought it."""
        return str(self.sk).partition("#")[2]


class Rollup(TelemetryRecord):
    """What all metrics of a resource came to in one step. pk `5M#<key>#<day>` or `1H#<key>#<month>`, sk its begin in s.

    `counted` is the number of points below, repeated ones too. It only grows, so of two that were made at the same
    time the more complete one stays.
    """

    figures = DocumentAttribute(Figures)
    counted = IntegerAttribute()


class Check(NamedTuple):
    """The last word of one kind of check."""

    status: Status
    details: str
    checked_at_ms: int


class Health(TelemetryRecord):
    """The last word of each kind of check. pk `HEALTH#<key>`, sk `STATE`."""

    checks = DocumentAttribute(dict[str, Check])
    version = IntegerAttribute()


class HealthCheck(TelemetryRecord):
    """A check that said something new. pk `HEALTH#<key>#<day>`, sk `<ms>#<check type>`."""

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
    """One batch's lines of one host in four hours, oldest first. pk `LOG#<host id>#<begin>`, sk `<ms>#<batch id>`."""

    lines = DocumentAttribute(list[Line])


def raw_partition(key: str, at: datetime) -> str:
    """Where a resource's raw points of an hour are."""
    return f"RAW#{key}#{at:%Y%m%d%H}"


def five_minutes_partition(key: str, at: datetime) -> str:
    """Where a resource's five-minute roll-ups of a day are: 288."""
    return f"5M#{key}#{at:%Y%m%d}"


def hour_partition(key: str, at: datetime) -> str:
    """Where a resource's hourly roll-ups of a month are: 744 at most."""
    return f"1H#{key}#{at:%Y%m}"


def health_partition(key: str, at: datetime) -> str:
    """Where a resource's checks of a day are."""
    return f"HEALTH#{key}#{at:%Y%m%d}"


def log_partition(host_id: str, at: datetime) -> str:
    """Where a host's lines of four hours are."""
    return f"LOG#{host_id}#{at:%Y%m%d}{at.hour // 4 * 4:02d}"


def second_key(ms: int) -> str:
    """A begin as a sort key: Unix seconds, ten digits."""
    return f"{ms // 1000:010d}"


def ms_key(ms: int) -> str:
    """An instant as the beginning of a sort key: Unix milliseconds, thirteen digits."""
    return f"{ms:013d}"
