"""What only one kind of workload has, kept in its record as one document."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from sharemtc.wire.kinds import WorkloadKind


class VmDetails(BaseModel):
    """Who may sign in, and where: `ssh_port` is on the address of the host, and known while the VM runs."""

    model_config = ConfigDict(frozen=True)

    kind: Literal[WorkloadKind.VM] = WorkloadKind.VM
    default_user: str
    ssh_public_keys: tuple[str, ...]
    ssh_port: int | None = None


# with a second kind: Annotated[VmDetails | …, Field(discriminator="kind")]
Details = VmDetails
