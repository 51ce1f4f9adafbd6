"""What goes in and out over HTTP: the base of every request body and query, of every answer; lists and times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

INSTANT_JSON_SCHEMA = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339, UTC, milliseconds",
    "examples": ["2030-01-31T12:00:00.000Z"],
}
MAX_PAGE_SIZE = 200


def rfc3339(instant: datetime) -> str:
    """`instant` as RFC 3339 in UTC with milliseconds and a `Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_utc(instant: datetime) -> datetime:
    # at once, not when the answer is written: what cannot be told is found while one row can still be left out
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("This is no time that can be told.") from error


Instant = Annotated[
    datetime,
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema(INSTANT_JSON_SCHEMA),
]

# what a record is looked up by, neither stored nor shown: text that is no identifier finds nothing, like a missing one
GivenId = Annotated[str, Field(min_length=1, max_length=80)]


class Schema(BaseModel):
    """A request body or query: frozen, closed to unknown fields, NaN and infinities."""

    # hidden inputs: a validation error that is logged must not carry what was sent, a password perhaps;
    # built at first use: a function imports many models and a request needs few
    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True, defer_build=True
    )


class View(BaseModel):
    """An answer, filled from the attributes of a record. Times in it are `Instant`."""

    model_config = ConfigDict(
        from_attributes=True,
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        json_schema_serialization_defaults_required=True,
        defer_build=True,
    )


class PageQuery(Schema):
    """The query of every list."""

    limit: int = Field(default=50, ge=1, le=MAX_PAGE_SIZE, description="Items per page")
    cursor: str | None = Field(default=None, max_length=2000, description="`next_cursor` of the page before")
