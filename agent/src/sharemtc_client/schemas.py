"""Base classes of the generated models: requests reject unknown fields, responses ignore them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body. Only fields that were set are sent; the API's defaults fill the others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )


class View(BaseModel):
    """A response body; unknown fields are ignored."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )


class OpenEnum(StrEnum):
    """Names for the known values. A newer value is kept as it is, under the name `UNKNOWN`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = "UNKNOWN", value
        return member
