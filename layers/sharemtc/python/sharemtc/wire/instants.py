"""Instants from outside (people, programs, hosts), limited to a range in which all calculations succeed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MS_US = 1000


def bounded(given: datetime) -> datetime:
    """`given` in UTC, truncated to milliseconds. Errors: `instant_out_of_range` outside `EARLIEST` to `LATEST`."""
    # the year first: near the years 1 and 9999 the conversion to UTC itself overflows
    if EARLIEST.year - 1 <= given.year <= LATEST.year:
        instant = given.astimezone(UTC)
        if EARLIEST <= instant <= LATEST:
            return instant.replace(microsecond=instant.microsecond // _MS_US * _MS_US)
    raise PydanticCustomError("instant_out_of_range", "Give a time between the years 2000 and 2200.")


GivenInstant = Annotated[
    AwareDatetime,
    AfterValidator(bounded),
    Field(
        json_schema_extra={
            "description": "RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond",
            "examples": ["2030-01-31T12:00:00.000Z"],
        }
    ),
]
