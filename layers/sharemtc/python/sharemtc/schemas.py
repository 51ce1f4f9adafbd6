"""Base classes of request bodies, queries and responses; pages and times."""

# Modules of models omit `from __future__ import annotations` where no name is used before its definition: pydantic has
# to compile each annotation that is a string, a fifth of the time that importing a model takes.
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
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_utc(instant: datetime) -> datetime:
    # here, not when serializing: a time out of range must fail while its row can still be omitted from the list
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("This time is out of range.") from error


Instant = Annotated[
    datetime,
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema(INSTANT_JSON_SCHEMA),
]

# an id to look up, neither stored nor shown: text that is not an id gives the same 404 as a missing record
GivenId = Annotated[str, Field(min_length=1, max_length=80)]


class Schema(BaseModel):
    """A request body or query: frozen, rejects unknown fields, NaN and infinities."""

    # hide_input_in_errors: a logged validation error must not contain what was sent, such as a password;
    # defer_build: a function imports many models and a request needs few
    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True, defer_build=True
    )


class View(BaseModel):
    """A response, built from the attributes of a record. Use `Instant` for times."""

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
    cursor: str | None = Field(default=None, max_length=2000, description="`next_cursor` of the previous page")
