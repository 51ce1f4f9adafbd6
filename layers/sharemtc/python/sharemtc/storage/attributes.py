"""Typed attributes of records."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter
from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER, STRING

from sharemtc import clock

E = TypeVar("E", bound=StrEnum)
M = TypeVar("M", bound=BaseModel)


class IntegerAttribute(Attribute[int]):
    """An integer. pynamodb's NumberAttribute is typed float, which money and counts must not be."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{self.attr_name}: {value!r} is not an integer")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class InstantAttribute(Attribute[datetime]):
    """A UTC instant, stored as whole milliseconds since the Unix epoch."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(clock.to_ms(value))

    def deserialize(self, value: str) -> datetime:
        return clock.from_ms(int(value))


class ExpiryAttribute(Attribute[datetime]):
    """A UTC instant in whole seconds, as DynamoDB's time to live requires."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        return str(clock.to_ms(value) // 1000)

    def deserialize(self, value: str) -> datetime:
        return clock.from_ms(int(value) * 1000)


class EnumAttribute(Attribute[E], Generic[E]):
    """A member of a string enum, stored as its value; values of another release are read as `unknown`."""

    attr_type = STRING

    def __init__(self, enum: type[E], *, unknown: E | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.enum, self.unknown = enum, unknown

    def serialize(self, value: E) -> str:
        return str(self.enum(value).value)

    def deserialize(self, value: str) -> E:
        if self.unknown is not None and value not in self.enum.__members__.values():
            return self.unknown
        return self.enum(value)


class DocumentAttribute(Attribute[Any]):
    """A value of a pydantic-typed annotation (a model, a tuple of models), stored as JSON text."""

    attr_type = STRING

    def __init__(self, annotation: Any, **options: Any) -> None:
        super().__init__(**options)
        self._annotation = annotation

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Built at first use: a process imports more records than it reads."""
        return TypeAdapter(self._annotation)

    def serialize(self, value: Any) -> str:
        return self.adapter.dump_json(value).decode()

    def deserialize(self, value: str) -> Any:
        return self.adapter.validate_json(value)
