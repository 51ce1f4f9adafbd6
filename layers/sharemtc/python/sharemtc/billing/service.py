"""Wallets, ledger and accruals as their owners see them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sharemtc import clock, money
from sharemtc.billing import accruals, ledger, meters
from sharemtc.billing.schemas import (
    AccrualPage,
    AccrualView,
    BalanceView,
    TransactionPage,
    TransactionView,
    WalletStatus,
)
from sharemtc.billing.table import (
    ACCRUALS_PER_PARTITION,
    METER_SHARDS,
    Accrual,
    LedgerTransaction,
    Meter,
    Wallet,
    accruals_key,
    wallet_key,
)
from sharemtc.ids import kind_of, label_of
from sharemtc.problems import NotFound
from sharemtc.storage.pages import page_buckets
from sharemtc.storage.transactions import Transaction
from sharemtc.storage.unreadable import skip_unreadable, views

LOW_S, CRITICAL_S = 24 * 3600, 2 * 3600


def open_wallet(transaction: Transaction, user_id: str, credit_micros: int, at: datetime) -> None:
    """Create the customer's wallet with a starting credit, posted as a ledger transaction."""
    transaction.create(
        Wallet(
            wallet_key(user_id),
            "WALLET",
            user_id=user_id,
            available_micros=credit_micros,
            held_micros=0,
            opened_at=at,
        )
    )
    if credit_micros:
        ledger.post_starting_credit(transaction, user_id, credit_micros, at, opens_wallet=True)


def credit(transaction: Transaction, user_id: str, credit_micros: int, at: datetime) -> None:
    """Post a starting credit to an existing wallet."""
    ledger.post_starting_credit(transaction, user_id, credit_micros, at, opens_wallet=False)


def read_balance(user_id: str) -> BalanceView:
    """The customer's money now: the stored balance less the unposted cost of running workloads."""
    now = clock.now()
    wallet = meters.find_wallet(user_id)
    running = accruals.find_many([meter.allocation_id for meter in Meter.meters_by_user.query(user_id)]).values()
    unposted = sum(one.cost_micros - one.meter.posted_micros for one in running)
    burn = sum(one.burn_nanos_per_hour for one in running)
    settled = max(0, wallet.available_micros + wallet.held_micros - unposted)
    lasts = money.affordable_ms(burn, settled)
    empties_at = money.affordable_until(burn, settled, now)
    held = min(wallet.held_micros, settled)
    return BalanceView(
        settled_micros=settled,
        held_micros=held,
        available_micros=settled - held,
        burn_nanos_per_hour=burn,
        runway_s=lasts // 1000 if lasts is not None else None,
        empties_at=empties_at,
        status=_status(settled - held, lasts),
        currency=money.CURRENCY,
        as_of=now,
    )


def _status(available_micros: int, lasts_ms: int | None) -> WalletStatus:
    if available_micros == 0:
        return WalletStatus.EMPTY
    if lasts_ms is None or lasts_ms >= LOW_S * 1000:
        return WalletStatus.OK
    return WalletStatus.LOW if lasts_ms >= CRITICAL_S * 1000 else WalletStatus.CRITICAL


def list_ledger(user_id: str, *, limit: int, cursor: str | None) -> TransactionPage:
    wallet = meters.find_wallet(user_id)
    found = ledger.list_transactions(user_id, wallet.opened_at, limit=limit, cursor=cursor)
    return TransactionPage(items=views(_row, found.items), next_cursor=found.next_cursor)


def _row(one: LedgerTransaction) -> TransactionView:
    return TransactionView(
        id=one.id,
        kind=one.kind,
        amount_micros=one.amount_micros,
        resource_type=_type_of(one.resource_id),
        resource_id=one.resource_id,
        detail=one.detail,
        entries=list(one.entries),
        at=one.at,
    )


def _type_of(resource_id: str) -> str:
    kind = kind_of(resource_id)
    return label_of(kind) if kind is not None else ""


def list_accruals(user_id: str, allocation_id: str, *, limit: int, cursor: str | None) -> AccrualPage:
    """The posted windows of the user's allocation, newest first. Errors: `NotFound`."""
    meter = meters.find(allocation_id)
    if meter.user_id != user_id:
        raise NotFound
    newest = meter.next_k // ACCRUALS_PER_PARTITION
    buckets = [accruals_key(allocation_id, number) for number in range(newest, -1, -1)]
    found = page_buckets(Accrual, buckets, limit=limit, cursor=cursor)
    return AccrualPage(items=views(AccrualView.model_validate, found.items), next_cursor=found.next_cursor)


def open_meters() -> list[Meter]:
    """All open meters, whatever their rate."""
    return [meter for shard in range(METER_SHARDS) for meter in skip_unreadable(Meter.open_meters.query(str(shard)))]


def running_allocations() -> list[list[str]]:
    """The allocations with open meters, one list for each shard."""
    shards = [skip_unreadable(Meter.open_meters.query(str(shard))) for shard in range(METER_SHARDS)]
    return [[meter.allocation_id for meter in shard] for shard in shards]


def lasts_s(user_id: str, added_rate_nanos_per_hour: int) -> int | None:
    """How long the customer's money lasts at this additional rate; None: for ever."""
    balance = read_balance(user_id)
    burn = balance.burn_nanos_per_hour + added_rate_nanos_per_hour
    lasts = money.affordable_ms(burn, balance.settled_micros)
    return min(lasts // 1000, int(timedelta(days=36500).total_seconds())) if lasts is not None else None
