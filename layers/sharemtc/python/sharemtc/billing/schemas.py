"""Money in the API. Amounts in micro-USD, rates in nano-USD per hour."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from sharemtc.billing.kinds import TransactionKind
from sharemtc.ids import IdKind, pattern
from sharemtc.resources import Demand
from sharemtc.schemas import GivenId, Instant, PageQuery, Schema, View
from sharemtc.wire import LARGEST_VM


class WalletStatus(StrEnum):
    """How long the wallet lasts: `low` under 24 h, `critical` under 2 h, `empty` without free money."""

    OK = "ok"
    LOW = "low"
    CRITICAL = "critical"
    EMPTY = "empty"


class BalanceView(View):
    """A customer's money at `as_of`, less the unposted cost of running workloads.

    `settled` = `available` + `held`. `burn` is the hourly cost of everything that runs.
    """

    settled_micros: int
    held_micros: int
    available_micros: int
    burn_nanos_per_hour: int
    runway_s: int | None
    empties_at: Instant | None
    status: WalletStatus
    currency: str
    as_of: Instant


class EntryView(View):
    """One side of a ledger transaction."""

    account: str
    amount_micros: int


class TransactionView(View):
    """A ledger transaction; `amount_micros` is the change of the caller's settled money."""

    id: str
    kind: TransactionKind
    amount_micros: int
    resource_type: str
    resource_id: str
    detail: str
    entries: list[EntryView]
    at: Instant


class TransactionPage(View):
    """One page of the ledger, newest first."""

    items: list[TransactionView]
    next_cursor: str | None


class AccrualQuery(PageQuery):
    """The allocation whose accruals to list."""

    allocation_id: str = Field(pattern=pattern(IdKind.ALLOCATION))


class AccrualView(View):
    """One posted window of an allocation."""

    allocation_id: str
    segment: int
    k: int
    started_at: Instant
    ended_at: Instant
    rate_nanos_per_hour: int
    amount_micros: int
    transaction_id: str


class AccrualPage(View):
    """One page of accruals, newest first."""

    items: list[AccrualView]
    next_cursor: str | None


class QuoteCreate(Schema):
    """A VM to price, on the cheapest host that fits unless `host_id` names one."""

    template_id: GivenId
    vcpus: int = Field(ge=1, le=LARGEST_VM.vcpus)
    memory_mib: int = Field(ge=64, le=LARGEST_VM.memory_mib)
    disk_gib: int = Field(ge=1, le=LARGEST_VM.disk_gib)
    host_id: GivenId | None = None

    @property
    def demand(self) -> Demand:
        return Demand(self.vcpus, self.memory_mib, self.disk_gib)


class LineView(View):
    """One line of a price."""

    item: str
    quantity: int
    unit: str
    unit_rate_nanos_per_hour: int
    rate_nanos_per_hour: int


class QuoteView(View):
    """A price that is guaranteed until `expires_at`, and the amount to be held for it."""

    id: str
    host_id: str
    host_name: str
    template_id: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int
    gpu_model: str | None
    rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    hold_micros: int
    lines: list[LineView]
    balance_lasts_s: int | None
    expires_at: Instant
    currency: str


class HostEarningsView(View):
    """One host's earnings in thirty days."""

    host_id: str
    thirty_days_micros: int


class DayEarningsView(View):
    """Earnings on one UTC day."""

    day: date
    amount_micros: int


class EarningsView(View):
    """A provider's share of posted amounts, less the platform's fee. Days are UTC; the thirty end today."""

    today_micros: int
    month_micros: int
    thirty_days_micros: int
    pending_payout_micros: int = Field(description="Earned and not paid out yet")
    per_host: list[HostEarningsView]
    days: list[DayEarningsView] = Field(description="The thirty days, oldest first, days without earnings too")
    currency: str
    as_of: Instant
