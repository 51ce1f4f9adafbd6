"""The kinds of workload: names, ids (a kind's prefix and a ULID), specs and proofs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from sharemtc.wire.vms import VmProof, VmSpec


class WorkloadKind(StrEnum):
    """The kind of a workload."""

    VM = "vm"


ID_PREFIXES: dict[WorkloadKind, str] = {WorkloadKind.VM: "vm"}

# with a second kind each becomes Annotated[VmSpec | …, Field(discriminator="kind")]
Spec = VmSpec
Proof = VmProof

WorkloadId = Annotated[str, Field(pattern=rf"^({'|'.join(ID_PREFIXES.values())})_[0-9A-HJKMNP-TV-Z]{{26}}$")]


def kind_of(workload_id: WorkloadId) -> WorkloadKind:
    prefix = workload_id.partition("_")[0]
    return next(kind for kind, known in ID_PREFIXES.items() if known == prefix)
