"""The kinds of workload, and the ids that name them: a kind's prefix and a ULID."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class WorkloadKind(StrEnum):
    """What a workload is. A new kind is added here, with its spec and its proof in `wire/workloads.py`."""

    VM = "vm"


ID_PREFIXES: dict[WorkloadKind, str] = {WorkloadKind.VM: "vm"}

WorkloadId = Annotated[str, Field(pattern=rf"^({'|'.join(ID_PREFIXES.values())})_[0-9A-HJKMNP-TV-Z]{{26}}$")]


def kind_of(workload_id: WorkloadId) -> WorkloadKind:
    """The kind that an id names."""
    prefix = workload_id.partition("_")[0]
    return next(kind for kind, known in ID_PREFIXES.items() if known == prefix)
