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
)
from sharemtc_client.schemas import View

__all__ = [
    "Accelerator",
    "CapacityView",
    "CloudType",
    "FiguresView",
    "FreeView",
    "GpuPriceView",
    "GpuView",
    "HostState",
    "NetworkView",
    "OfferPage",
    "OfferView",
    "PricesView",
]


class OfferPage(View):
    """Every host that takes part."""

    items: tuple[OfferView, ...]
    next_cursor: str | None


class OfferView(View):
    """A host as renters see it. Its state is judged, and its prices are those, of the moment of the answer."""

    id: str
    name: str
    region: str
    cloud_type: CloudType
    state: HostState
    unavailable_reason: str | None
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
    currency: str
