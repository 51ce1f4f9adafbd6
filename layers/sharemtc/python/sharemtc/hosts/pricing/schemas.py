"""Prices in the API."""

from typing import Annotated, Self

from pydantic import Field

from sharemtc.hosts.kinds import PriceState
from sharemtc.hosts.pricing.market import MarketItem
from sharemtc.hosts.pricing.table import PriceBook
from sharemtc.hosts.values import NetworkBonus, PriceVersion
from sharemtc.money import CURRENCY, GpuPrice, Prices
from sharemtc.schemas import Instant, Schema, View
from sharemtc.wire import GivenInstant, TextRule
from sharemtc.wire.texts import MAX_TEXT_CHARS


class GpuPriceView(View):
    """The hourly price of one GPU of a model, in nano-USD."""

    model: str
    nanos_per_hour: int


class NetworkBonusView(View):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int
    bonus_bps: int


class PricesView(View):
    """Hourly prices of each unit, in nano-USD. A GPU model that is not listed is not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: list[GpuPriceView]


class PriceBookView(PricesView):
    """One version of a host's prices, in effect from `effective_at` until that of a later version."""

    version: int
    effective_at: Instant
    network_bonus: list[NetworkBonusView]
    state: PriceState
    created_at: Instant
    created_by: str
    currency: str

    @classmethod
    def of(cls, book: PriceBook, current: PriceVersion) -> Self:
        terms = book.terms
        state = PriceState.CURRENT if terms.version == current.version else PriceState.PAST
        # versions that take effect after the current one
        if (terms.effective_at, terms.version) > (current.effective_at, current.version):
            state = PriceState.FUTURE
        return cls(
            **PricesView.model_validate(terms.prices).model_dump(),
            version=terms.version,
            effective_at=terms.effective_at,
            network_bonus=list(terms.network_bonus),
            state=state,
            created_at=book.created_at,
            created_by=book.created_by,
            currency=CURRENCY,
        )


class PriceBookPage(View):
    """One page of a host's price versions, newest first."""

    items: list[PriceBookView]
    next_cursor: str | None


class MarketItemView(View):
    """The lowest, median and highest hourly price of a unit or GPU model over `hosts` hosts, in nano-USD."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


class MarketView(View):
    """Market prices at `as_of`. The median of an even number is the mean of the middle two, rounded down."""

    items: list[MarketItemView]
    currency: str
    as_of: Instant


# a thousand dollars an hour
MAX_NANOS_PER_HOUR = 10**12
Nanos = Annotated[int, Field(ge=0, le=MAX_NANOS_PER_HOUR)]


class GpuPriceSet(Schema):
    """The hourly price of one GPU of a model."""

    model: Annotated[str, TextRule(MAX_TEXT_CHARS, min_chars=1)] = Field(examples=["NVIDIA H100 80GB HBM3"])
    nanos_per_hour: Nanos


class NetworkBonusSet(Schema):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int = Field(ge=1, le=10_000_000, examples=[500])
    bonus_bps: int = Field(ge=0, le=10_000, examples=[1000])


class PriceBookCreate(Schema):
    """A new version of a host's prices.

    Without `effective_at` it takes effect now; without bonus rows it keeps those of the current version.
    """

    vcpu_nanos_per_hour: Nanos
    memory_gib_nanos_per_hour: Nanos
    disk_gib_nanos_per_hour: Nanos
    network_100mbps_nanos_per_hour: Nanos = 0
    gpus: tuple[GpuPriceSet, ...] = Field(default=(), max_length=64)
    network_bonus: tuple[NetworkBonusSet, ...] | None = Field(default=None, max_length=16)
    effective_at: GivenInstant | None = None

    @property
    def prices(self) -> Prices:
        return Prices(
            self.vcpu_nanos_per_hour,
            self.memory_gib_nanos_per_hour,
            self.disk_gib_nanos_per_hour,
            self.network_100mbps_nanos_per_hour,
            tuple(GpuPrice(gpu.model, gpu.nanos_per_hour) for gpu in self.gpus),
        )

    @property
    def bonus(self) -> tuple[NetworkBonus, ...] | None:
        """The bonus rows in order of speed; None when none were sent."""
        if self.network_bonus is None:
            return None
        return tuple(sorted(NetworkBonus(row.from_mbps, row.bonus_bps) for row in self.network_bonus))
