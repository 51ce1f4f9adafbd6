"""What the generated models stand on: bodies are closed, answers are open to what a newer API says."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What is sent. Only fields that were set are: the API's own defaults fill the others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )


class View(BaseModel):
    """What is answered: fields that this client does not know are passed over."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )


class OpenEnum(StrEnum):
    """Names for the values known today. One that came later is kept as it is, under the name `UNKNOWN`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = "UNKNOWN", value
        return member
