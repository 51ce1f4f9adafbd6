"""What every message is: closed to surprises where we read it, open to newer fields where an agent does."""

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
    """A message: frozen, and closed to unknown fields, NaN and infinities."""

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
            _log.warning("passed over what this version cannot read: %s", error.errors()[0]["msg"])
    return tuple(found)


# of an answer's list: what a newer control plane adds to it is passed over, and does not take the rest with it
EachReadable = WrapValidator(_each_readable)


class Answer(BaseModel):
    """What the control plane answers: an older agent ignores fields that it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)
