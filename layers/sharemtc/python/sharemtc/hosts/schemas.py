"""Hosts in the API: offers without addresses for renters, hosts and their changes for owners."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from sharemtc.hosts.capacity import offering
from sharemtc.hosts.inventory import devices
from sharemtc.hosts.kinds import (
    CloudType,
    DeviceState,
    HostAction,
    SaleState,
    UnavailableReason,
)
from sharemtc.hosts.pricing.schemas import PricesView
from sharemtc.hosts.reliability.schemas import ReliabilityView
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import HostState, Presence, StateReason, presence
from sharemtc.hosts.table import SelfTestRun
from sharemtc.money import CURRENCY
from sharemtc.schemas import Instant, Schema, View
from sharemtc.settings import settings
from sharemtc.wire import Accelerator, CapabilityName, GivenInstant, Gpu, TextRule, Verdict
from sharemtc.wire.texts import MAX_TEXT_CHARS


class CapacityView(View):
    """vCPUs, memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class FreeView(CapacityView):
    """Capacity with its number of GPUs."""

    gpus: int


class GpuView(View):
    """A GPU as renters see it; `vram_mib` is null when it shares the host's memory."""

    model: str
    vram_mib: int | None


class NetworkView(View):
    """The host's network: link speed if known, egress for workloads, and the options that it offers."""

    mbps: int | None
    egress: bool
    volume: bool
    global_networking: bool


class DeviceView(GpuView):
    """A GPU as the host's owner sees it."""

    uuid: str = Field(examples=["GPU-5c1e7a90-2b4d-4f6e-8a0c-1d3f5b7e9a2c"])
    mig: bool
    state: DeviceState
    driver_version: str
    cuda_version: str


class CapabilityView(View):
    """One capability of the host as tested; `detail` is the result."""

    name: CapabilityName
    available: bool
    detail: str


class MaintenanceView(View):
    """A window in which the host takes no new work; `by_operator`: only an operator may change it."""

    starts_at: Instant
    ends_at: Instant
    reason: str
    by_operator: bool


class FiguresView(View):
    """The host's load in its last heartbeat."""

    captured_at: Instant
    cpu_used_percent: float
    load_1m: float
    memory_used_mib: int
    disk_used_gib: int


class SaleView(View):
    """Whether workloads can be rented on a host now; if not, the reason, and since when if that is known."""

    state: SaleState
    reason: UnavailableReason | None
    since: Instant | None


class OfferView(View):
    """A host as renters see it. Its state and prices are those at the time of the response."""

    id: str
    name: str
    region: str
    cloud_type: CloudType
    state: HostState
    unavailable_reason: UnavailableReason | None
    sale: SaleView
    cpu_model: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: list[GpuView]
    network: NetworkView
    accelerator: Accelerator | None
    images: list[str]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: Instant | None
    enrolled_at: Instant = Field(description="Start of the observation; the first score follows within an hour")
    reliability: ReliabilityView | None
    currency: str

    @classmethod
    def of(cls, at: HostStatus) -> Self:
        return cls(**_offer(at))


class OfferPage(View):
    """One page of the hosts on the market."""

    items: list[OfferView]
    next_cursor: str | None


class HostView(OfferView):
    """A host as its owner sees it.

    `presence` tells whether heartbeats arrive, whatever the state. `reported` is what the host could sell; the action
    `offer_capacity` offers it (`sellable`). `withheld` is offered but not for sale while the host reports less.
    `actions` are the actions possible now.
    """

    os: str
    kernel: str
    agent_version: str
    platform: str = Field(examples=["linux"])
    arch: str = Field(examples=["x86_64"])
    accelerator_note: str
    gpu_note: str
    state_reason: StateReason
    state_at: Instant
    presence: Presence
    labels: dict[str, str] = Field(examples=[{"rack": "7"}])
    capabilities: list[CapabilityView]
    devices: list[DeviceView]
    reported: FreeView
    withheld: FreeView
    self_test: SelfTestView | None
    maintenance: MaintenanceView | None
    actions: list[HostAction]
    version: int

    @classmethod
    def of(cls, at: HostStatus, self_test: SelfTestRun | None = None) -> Self:
        host, inventory, window = at.host, at.host.inventory, at.host.maintenance
        return cls(
            **_offer(at),
            os=inventory.os,
            kernel=inventory.kernel,
            agent_version=inventory.agent_version,
            platform=inventory.platform,
            arch=inventory.arch,
            accelerator_note=inventory.accelerator_note,
            gpu_note=inventory.gpu_note,
            state_reason=at.state_reason,
            state_at=at.state_at,
            presence=presence(at.lease.last_seen_at, at.as_of, settings()),
            labels=host.labels,
            capabilities=list(inventory.capabilities),
            devices=[_device(gpu, at) for gpu in inventory.gpus],
            reported=FreeView.model_validate(offering.reported(host)),
            withheld=FreeView.model_validate(offering.withheld(at.capacity)),
            self_test=SelfTestView.of(self_test) if self_test is not None else None,
            maintenance=window if window is not None and window.ends_at > at.as_of else None,
            actions=at.actions,
            version=host.version,
        )


class HostPage(View):
    """One page of a provider's own hosts."""

    items: list[HostView]
    next_cursor: str | None


def _offer(at: HostStatus) -> dict[str, object]:
    inventory, capacity = at.host.inventory, at.capacity
    egress = any(one.name is CapabilityName.EGRESS and one.available for one in inventory.capabilities)
    return {
        "id": at.host.id,
        "name": at.host.name,
        "region": at.region,
        "cloud_type": at.host.cloud_type,
        "state": at.state,
        "unavailable_reason": at.unavailable_reason,
        "sale": at.sale,
        "cpu_model": inventory.cpu_model,
        **inventory.total.model_dump(),
        "gpus": [gpu for gpu in inventory.gpus if not gpu.mig],
        "network": NetworkView(
            mbps=inventory.network_mbps,
            egress=egress,
            volume=at.host.network_volume,
            global_networking=at.host.global_networking,
        ),
        "accelerator": inventory.accelerator,
        "images": list(inventory.images),
        "sellable": offering.on_sale(capacity, at.host),
        "free": offering.free(capacity),
        "prices": at.prices,
        "figures": at.lease.figures,
        "last_heartbeat_at": at.lease.last_seen_at,
        "enrolled_at": at.host.enrolled_at,
        "reliability": at.host.reliability,
        "currency": CURRENCY,
    }


def _device(gpu: Gpu, at: HostStatus) -> DeviceView:
    return DeviceView(**gpu.model_dump(), state=devices.state_of(gpu.uuid, at.capacity))


class SelfTestCheckView(View):
    """One check. `value` is the measured figure, in `unit`, if there is one."""

    name: str
    verdict: Verdict
    detail: str
    value: float | None
    unit: str


class SelfTestView(View):
    """A self-test as the host reported it; `verdict` is the worst of its checks."""

    id: str = Field(examples=["slf_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    verdict: Verdict
    started_at: Instant
    finished_at: Instant
    received_at: Instant
    agent_version: str
    checks: list[SelfTestCheckView]

    @classmethod
    def of(cls, run: SelfTestRun) -> Self:
        test = run.test
        verdicts = {check.verdict for check in test.checks}
        worst = next(one for one in (Verdict.FAIL, Verdict.WARN, Verdict.OK) if one in verdicts)
        return cls(
            id=run.id,
            verdict=worst,
            started_at=test.started_at,
            finished_at=test.finished_at,
            received_at=run.received_at,
            agent_version=test.agent_version,
            checks=list(test.checks),
        )


class SelfTestPage(View):
    """One page of a host's self-tests, newest first."""

    items: list[SelfTestView]
    next_cursor: str | None


MAX_LABELS = 20

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$", examples=["rack-7"])]
Region = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", examples=["eu-central"])]
LabelKey = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$")]
LabelValue = Annotated[str, TextRule(100)]
Reason = Annotated[str, TextRule(MAX_TEXT_CHARS, min_chars=1)]


class NetworkSet(Schema):
    """Network options offered to renters; fields that are left out stay unchanged."""

    volume: bool | None = None
    global_networking: bool | None = None


class MaintenanceSet(Schema):
    """A maintenance window of at most 30 days, in which the host takes no new work. Running workloads continue."""

    starts_at: GivenInstant
    ends_at: GivenInstant
    reason: Reason = Field(examples=["new disks"])


class HostChange(Schema):
    """Changes to a host; fields that are left out stay unchanged. `maintenance: null` removes the window.

    `labels` replaces all labels; only the owner and operators see them.
    """

    name: Name | None = None
    region: Region | None = None
    labels: dict[LabelKey, LabelValue] | None = Field(default=None, max_length=MAX_LABELS, examples=[{"rack": "7"}])
    network: NetworkSet | None = None
    maintenance: MaintenanceSet | None = None
    draining: bool | None = None
