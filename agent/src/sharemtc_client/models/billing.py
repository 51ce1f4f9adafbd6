"""What is sent and answered under /v1/billing. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "AccrualPage",
    "AccrualView",
    "BalanceView",
    "EntryView",
    "LineView",
    "QuoteCreate",
    "QuoteView",
    "TransactionKind",
    "TransactionPage",
    "TransactionView",
    "WalletStatus",
]


class TransactionKind(OpenEnum):
    """Why money moved: `accrual` and, at the end, `settlement` pay for use; `payout` leaves the platform."""

    STARTING_CREDIT = "starting_credit"
    HOLD = "hold"
    RELEASE = "release"
    ACCRUAL = "accrual"
    SETTLEMENT = "settlement"
    PAYOUT = "payout"
    ACCOUNT_CLOSED = "account_closed"


class WalletStatus(OpenEnum):
    """How long the wallet lasts: `low` under 24 h, `critical` under 2 h, `empty` without free money."""

    OK = "ok"
    LOW = "low"
    CRITICAL = "critical"
    EMPTY = "empty"


class AccrualPage(View):
    """One page of accruals, newest first."""

    items: tuple[AccrualView, ...]
    next_cursor: str | None


class AccrualView(View):
    """One posted window of an allocation."""

    allocation_id: str
    segment: int
    k: int
    # RFC 3339, UTC, milliseconds
    started_at: datetime
    # RFC 3339, UTC, milliseconds
    ended_at: datetime
    rate_nanos_per_hour: int
    amount_micros: int
    transaction_id: str


class BalanceView(View):
    """A customer's money at `as_of`, less the unposted cost of running workloads.

    `settled` = `available` + `held`. `burn` is the hourly cost of everything that runs.
    """

    settled_micros: int
    held_micros: int
    available_micros: int
    burn_nanos_per_hour: int
    runway_s: int | None
    empties_at: datetime | None
    status: WalletStatus
    currency: str
    # RFC 3339, UTC, milliseconds
    as_of: datetime


class EntryView(View):
    """One side of a ledger transaction."""

    account: str
    amount_micros: int


class LineView(View):
    """One line of a price."""

    item: str
    quantity: int
    unit: str
    unit_rate_nanos_per_hour: int
    rate_nanos_per_hour: int


class QuoteCreate(Body):
    """A VM to price, on the cheapest host that fits unless `host_id` names one."""

    template_id: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    host_id: str | None = None


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
    lines: tuple[LineView, ...]
    balance_lasts_s: int | None
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    currency: str


class TransactionPage(View):
    """One page of the ledger, newest first."""

    items: tuple[TransactionView, ...]
    next_cursor: str | None


class TransactionView(View):
    """A ledger transaction; `amount_micros` is the change of the caller's settled money."""

    id: str
    kind: TransactionKind
    amount_micros: int
    resource_type: str
    resource_id: str
    detail: str
    entries: tuple[EntryView, ...]
    # RFC 3339, UTC, milliseconds
    at: datetime
