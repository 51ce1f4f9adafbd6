"""VMs: specs, and proofs of executed commands."""

from typing import Literal

from pydantic import Field

from sharemtc.wire.hosts import Capacity
from sharemtc.wire.messages import Answer, Text, Wire

# the largest VM that any of our runtimes supports; larger ones can be neither quoted nor rented
LARGEST_VM = Capacity.model_construct(vcpus=255, memory_mib=16 * 1024 * 1024, disk_gib=16 * 1024)


class VmSpec(Answer):
    """Everything that the agent needs to create or start the VM."""

    kind: Literal["vm"]
    name: str
    hostname: str
    image: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    ssh_public_keys: tuple[str, ...]


class VmProof(Wire):
    """What the agent observed of the VM after the command.

    Boot: the SSH banner read from the guest and the port it is reached on. Stop: the process is gone. Terminate: the
    process is gone and the files are deleted. `uptime_ms`, with `boot_id`: how long the boot had run when a stop or
    terminate ended it; absent if it no longer ran.
    """

    kind: Literal["vm"]
    state: Literal["running", "stopped", "gone"]
    ssh_port: int | None = Field(default=None, ge=1, le=65535)
    ssh_banner: Text = ""
    boot_id: Text = ""
    uptime_ms: int | None = Field(default=None, ge=0, lt=2**53)
    pid: int | None = Field(default=None, ge=1)
    files_left: int = Field(default=0, ge=0)
