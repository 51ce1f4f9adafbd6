"""Base of all messages: requests reject unknown fields, answers ignore them, so that they can be extended."""

import logging
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from sharemtc.wire.texts import MAX_TEXT_CHARS, TextRule

MAX_BODY_BYTES = 256 * 1024
_log = logging.getLogger(__name__)

HostId = Annotated[str, Field(pattern=r"^hst_[0-9A-HJKMNP-TV-Z]{26}$")]
CommandId = Annotated[str, Field(pattern=r"^cmd_[0-9a-z]{32}$")]
GpuUuid = Annotated[str, Field(pattern=r"^GPU-[0-9A-Za-z-]{1,60}$")]
Text = Annotated[str, TextRule(MAX_TEXT_CHARS)]


class Wire(BaseModel):
    """A request's message: frozen, without unknown fields, NaN or infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def _each_readable(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        if not isinstance(value, list | tuple):
            raise
    found: list[Any] = []
    for one in value:
        try:
            found += handler([one])
        except ValidationError as error:
            _log.warning("ignored an item that this version cannot read: %s", error.errors()[0]["msg"])
    return tuple(found)


# for lists in answers: items of a newer control plane are ignored one by one
EachReadable = WrapValidator(_each_readable)


class Answer(BaseModel):
    """An answer of the control plane: agents ignore unknown fields."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)
