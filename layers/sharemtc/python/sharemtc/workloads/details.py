"""Fields of one kind of workload only, one document in its record."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from sharemtc.wire.kinds import WorkloadKind


class VmDetails(BaseModel):
    """The VM's user and SSH keys. `ssh_port` is on the host's address, and known while the VM runs."""

    model_config = ConfigDict(frozen=True)

    kind: Literal[WorkloadKind.VM] = WorkloadKind.VM
    default_user: str
    ssh_public_keys: tuple[str, ...]
    ssh_port: int | None = None


# with a second kind: Annotated[VmDetails | …, Field(discriminator="kind")]
Details = VmDetails
