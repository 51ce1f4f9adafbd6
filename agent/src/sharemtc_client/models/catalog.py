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
    """A maintenance window as announced; one that was withdrawn or replaced ends there."""

    # RFC 3339, UTC, milliseconds
    announced_at: datetime
    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
    ends_at: datetime


class DowntimeView(View):
    """An interval in which the host was offline; `ended_at` is null while it still is."""

    # RFC 3339, UTC, milliseconds
    started_at: datetime
    ended_at: datetime | None
    reason: str


class OfferPage(View):
    """One page of the hosts on the market."""

    items: tuple[OfferView, ...]
    next_cursor: str | None


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
    gpus: tuple[GpuView, ...]
    network: NetworkView
    accelerator: Accelerator | None
    images: tuple[str, ...]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: datetime | None
    # Start of the observation; the first score follows within an hour
    enrolled_at: datetime
    reliability: ReliabilityView | None
    currency: str


class ReliabilityReport(View):
    """The score with all its inputs: `python -m sharemtc.hosts.reliability.score FILE` recomputes it."""

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
