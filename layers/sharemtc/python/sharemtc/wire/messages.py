"""What every message is: closed to surprises where we read it, open to newer fields where an agent does."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_BODY_BYTES = 256 * 1024

HostId = Annotated[str, Field(pattern=r"^hst_[0-9A-HJKMNP-TV-Z]{26}$")]
VmId = Annotated[str, Field(pattern=r"^vm_[0-9A-HJKMNP-TV-Z]{26}$")]
CommandId = Annotated[str, Field(pattern=r"^cmd_[0-9a-z]{32}$")]
GpuUuid = Annotated[str, Field(pattern=r"^GPU-[0-9A-Za-z-]{1,60}$")]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Wire(BaseModel):
    """A message: frozen, and closed to unknown fields, NaN and infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Answer(BaseModel):
    """What the control plane answers: an older agent ignores fields that it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)
