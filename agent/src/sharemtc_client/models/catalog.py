"""What is sent and answered under /v1/catalog. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc.wire import Accelerator
from sharemtc_client.models.shared import (
    CapacityView,
    CloudType,
    FiguresView,
    FreeView,
    GpuPriceView,
    GpuView,
    HostState,
    NetworkView,
    PricesView,
    ReliabilityView,
    SaleState,
    SaleView,
    UnavailableReason,
)
from sharemtc_client.schemas import View

__all__ = [
    "Accelerator",
    "AnnouncedView",
    "CapacityView",
    "CloudType",
    "DowntimeView",
    "FiguresView",
    "FreeView",
    "GpuPriceView",
    "GpuView",
    "HostState",
    "NetworkView",
    "OfferPage",
    "OfferView",
    "PricesView",
    "ReliabilityReport",
    "ReliabilityView",
    "SaleState",
    "SaleView",
    "UnavailableReason",
]


class AnnouncedView(View):
    """A maintenance window as it stood."""

    # RFC 3339, UTC, milliseconds
    announced_at: datetime
    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
    ends_at: datetime


class DowntimeView(View):
    """A stretch in which the host was offline; without an end it still is."""

    # RFC 3339, UTC, milliseconds
    started_at: datetime
    ended_at: datetime | None
    reason: str


class OfferPage(View):
    """One page of the hosts that take part."""

    items: tuple[OfferView, ...]
    next_cursor: str | None


class OfferView(View):
    """A host as renters see it. Its state is judged, and its prices are those, of the moment of the answer."""

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
    gpus: tuple[GpuView, ...]
    network: NetworkView
    accelerator: Accelerator | None
    images: tuple[str, ...]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: datetime | None
    # Since when it is observed; its first score follows within an hour
    enrolled_at: datetime
    reliability: ReliabilityView | None
    currency: str


class ReliabilityReport(View):
    """The score with all that it comes from: `python -m sharemtc.hosts.reliability.score FILE` computes it again."""

    host_id: str
    window_days: int
    # RFC 3339, UTC, milliseconds
    observed_from: datetime
    # RFC 3339, UTC, milliseconds
    as_of: datetime
    downtimes: tuple[DowntimeView, ...]
    maintenance: tuple[AnnouncedView, ...]
    interruptions: int
    uptime_percent: float
    penalty: float
    score_percent: float
    provisional: bool
