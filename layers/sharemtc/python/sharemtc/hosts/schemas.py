"""What goes out over HTTP for hosts: to renters an offer without addresses, to owners the machine."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import HostState
from sharemtc.money import CURRENCY
from sharemtc.schemas import Instant, Schema, View
from sharemtc.wire import Accelerator


class EnrollmentCodeCreate(Schema):
    """A code for one machine, optionally under a name of the owner's choice."""

    name: str | None = Field(default=None, pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$")


class EnrollmentCodeView(View):
    """A single-use code, shown once, and the command that uses it."""

    code: str
    expires_at: Instant
    install_command: str


class CapacityView(View):
    """Counts. Memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class FreeView(CapacityView):
    """What can still be rented."""

    gpus: int


class GpuView(View):
    """A GPU as renters see it."""

    model: str
    vram_mib: int


class PricesView(View):
    """What a unit costs for an hour, in nano-USD."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int


class FiguresView(View):
    """What the machine was doing when it last said so."""

    captured_at: Instant
    cpu_used_percent: float
    load_1m: float
    memory_used_mib: int
    disk_used_gib: int


class OfferView(View):
    """A host as renters see it. Its state is judged at the moment of the answer."""

    id: str
    name: str
    region: str
    state: HostState
    unavailable_reason: str | None
    cpu_model: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: list[GpuView]
    accelerator: Accelerator | None
    images: list[str]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: Instant | None
    currency: str

    @classmethod
    def of(cls, at: Standing) -> Self:
        """The offer of a host as it stands."""
        return cls(**_offer(at))


class OfferPage(View):
    """Every host that takes part."""

    items: list[OfferView]
    next_cursor: str | None


class HostView(OfferView):
    """A host as its owner sees it."""

    os: str
    kernel: str
    agent_version: str
    accelerator_note: str
    gpu_note: str
    enrolled_at: Instant
    state_reason: str
    state_at: Instant

    @classmethod
    def of(cls, at: Standing) -> Self:
        """The owner's view of a host as it stands."""
        inventory = at.host.inventory
        return cls(
            **_offer(at),
            os=inventory.os,
            kernel=inventory.kernel,
            agent_version=inventory.agent_version,
            accelerator_note=inventory.accelerator_note,
            gpu_note=inventory.gpu_note,
            enrolled_at=at.host.enrolled_at,
            state_reason=at.capacity.state_reason,
            state_at=at.capacity.state_at,
        )


class HostPage(View):
    """One page of a provider's own hosts."""

    items: list[HostView]
    next_cursor: str | None


def _offer(at: Standing) -> dict[str, object]:
    inventory, capacity = at.host.inventory, at.capacity
    free = FreeView(
        vcpus=capacity.free_vcpus,
        memory_mib=capacity.free_memory_mib,
        disk_gib=capacity.free_disk_gib,
        gpus=len(capacity.free_gpus or ()),
    )
    return {
        "id": at.host.id,
        "name": at.host.name,
        "region": inventory.region,
        "state": at.state,
        "unavailable_reason": at.unavailable_reason,
        "cpu_model": inventory.cpu_model,
        **inventory.total.model_dump(),
        "gpus": list(inventory.gpus),
        "accelerator": inventory.accelerator,
        "images": list(inventory.images),
        "sellable": inventory.sellable,
        "free": free,
        "prices": at.host.prices,
        "figures": at.lease.figures,
        "last_heartbeat_at": at.lease.last_seen_at,
        "currency": CURRENCY,
    }
