"""What owners send about their hosts and themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sharemtc.hosts.pricing import NetworkBonus
from sharemtc.money import GpuPrice, Prices
from sharemtc.schemas import Schema
from sharemtc.wire import GivenInstant, TextRule
from sharemtc.wire.texts import MAX_TEXT_CHARS

MAX_LABELS = 20
# a thousand dollars for a unit and an hour
MAX_NANOS_PER_HOUR = 10**12


Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$", examples=["rack-7"])]
Region = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", examples=["eu-central"])]
LabelKey = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$")]
LabelValue = Annotated[str, TextRule(100)]
Nanos = Annotated[int, Field(ge=0, le=MAX_NANOS_PER_HOUR)]
DisplayName = Annotated[str, TextRule(80, min_chars=1)]
Reason = Annotated[str, TextRule(MAX_TEXT_CHARS, min_chars=1)]


class ProfileSet(Schema):
    """How a provider is called."""

    display_name: DisplayName = Field(examples=["Ada's machines"])


class NetworkSet(Schema):
    """What the machine's network offers to renters; what is left out stays."""

    volume: bool | None = None
    global_networking: bool | None = None


class MaintenanceSet(Schema):
    """A window in which the host takes no new work, at most 30 days long. What runs goes on."""

    starts_at: GivenInstant
    ends_at: GivenInstant
    reason: Reason = Field(examples=["new disks"])


class HostChange(Schema):
    """What to change of a host; what is left out stays. `maintenance: null` drops the window.

    `labels` replaces all labels; only the owner and operators see them.
    """

    name: Name | None = None
    region: Region | None = None
    labels: dict[LabelKey, LabelValue] | None = Field(default=None, max_length=MAX_LABELS, examples=[{"rack": "7"}])
    network: NetworkSet | None = None
    maintenance: MaintenanceSet | None = None
    draining: bool | None = None


class GpuPriceSet(Schema):
    """What a GPU of one model costs for an hour."""

    model: Annotated[str, TextRule(MAX_TEXT_CHARS, min_chars=1)] = Field(examples=["NVIDIA H100 80GB HBM3"])
    nanos_per_hour: Nanos


class NetworkBonusSet(Schema):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int = Field(ge=1, le=10_000_000, examples=[500])
    bonus_bps: int = Field(ge=0, le=10_000, examples=[1000])


class PriceBookCreate(Schema):
    """A version of a host's prices. Without `effective_at` it holds from now; without bonus rows it has the present."""

    vcpu_nanos_per_hour: Nanos
    memory_gib_nanos_per_hour: Nanos
    disk_gib_nanos_per_hour: Nanos
    network_100mbps_nanos_per_hour: Nanos = 0
    gpus: tuple[GpuPriceSet, ...] = Field(default=(), max_length=64)
    network_bonus: tuple[NetworkBonusSet, ...] | None = Field(default=None, max_length=16)
    effective_at: GivenInstant | None = None

    @property
    def prices(self) -> Prices:
        """The prices of the version."""
        return Prices(
            self.vcpu_nanos_per_hour,
            self.memory_gib_nanos_per_hour,
            self.disk_gib_nanos_per_hour,
            self.network_100mbps_nanos_per_hour,
            tuple(GpuPrice(gpu.model, gpu.nanos_per_hour) for gpu in self.gpus),
        )

    @property
    def bonus(self) -> tuple[NetworkBonus, ...] | None:
        """The bonus rows, by speed."""
        if self.network_bonus is None:
            return None
        return tuple(sorted(NetworkBonus(row.from_mbps, row.bonus_bps) for row in self.network_bonus))
