"""Double entry: every transaction's entries sum to zero, and balances move in the same write.

Accounts: `wallet:<user>` and `holds:<user>` (projected in the customer's Wallet), `provider_held:<provider>`,
`platform_fees`, `external_cash` (projected in sharded Balances). What a provider earns is projected by day and
host too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.billing.table import (
    Balance,
    Earned,
    Entry,
    LedgerTransaction,
    Wallet,
    earned_key,
    wallet_key,
)
from sharemtc.dynamo import Page, Refusal, Transaction, page_buckets
from sharemtc.problems import PaymentRequired

FEE_SHARDS = 8


class InsufficientFunds(PaymentRequired):
    """The wallet's free money does not cover what must be held or paid."""

    code, title = "insufficient_funds", "The wallet does not cover this"


def wallet_account(user_id: str) -> str:
    """A customer's free money."""
    return f"wallet:{user_id}"


def holds_account(user_id: str) -> str:
    """A customer's money that is reserved for what runs."""
    return f"holds:{user_id}"


def provider_account(provider_id: str) -> str:
    """What a provider has earned and cannot draw yet."""
    return f"{_EARNINGS}{provider_id}"


_EARNINGS = "provider_held:"
PLATFORM_FEES = "platform_fees"
EXTERNAL_CASH = "external_cash"


def post(
    transaction: Transaction,
    user_id: str,
    kind: str,
    entries: list[Entry],
    *,
    at: datetime,
    resource_id: str = "",
    host_id: str = "",
    detail: str = "",
    refused: Refusal | None = None,
) -> str:
    """Add the ledger transaction and the balances it moves to `transaction`; the ledger transaction's id.

    `host_id` is the host that earned what goes to a provider. `refused` is the problem when the customer's free or held
    money would fall below zero (`InsufficientFunds` unless told otherwise). Entries of nothing are left out.
    """
    entries = [entry for entry in entries if entry.amount_micros]
    free = _sum(entries, wallet_account(user_id))
    held = _sum(entries, holds_account(user_id))
    if free or held:
        _move_wallet(transaction, user_id, free, held, refused or InsufficientFunds())
    for entry in entries:
        if entry.account.startswith(_EARNINGS):
            _add_earned(transaction, entry, host_id, at)
    return _record(transaction, user_id, kind, entries, at, resource_id, detail)


def post_opening(transaction: Transaction, user_id: str, entries: list[Entry], at: datetime) -> str:
    """The ledger transaction of a wallet that is created, with its money, in the same `transaction`."""
    return _record(transaction, user_id, "starting_credit", entries, at, "", "Starting credit")


def _record(
    transaction: Transaction,
    user_id: str,
    kind: str,
    entries: list[Entry],
    at: datetime,
    resource_id: str,
    detail: str,
) -> str:
    assert sum(entry.amount_micros for entry in entries) == 0, entries
    own = (wallet_account(user_id), holds_account(user_id))
    transaction_id = clock.new_id("txn")
    transaction.create(
        LedgerTransaction(
            ledger_key(user_id, at),
            transaction_id,
            id=transaction_id,
            user_id=user_id,
            kind=kind,
            amount_micros=sum(entry.amount_micros for entry in entries if entry.account in own),
            resource_id=resource_id,
            detail=detail,
            entries=tuple(entries),
            at=at,
        )
    )
    for entry in entries:
        if entry.account not in own:
            _move_balance(transaction, entry)
    return transaction_id


def _sum(entries: list[Entry], account: str) -> int:
    return sum(entry.amount_micros for entry in entries if entry.account == account)


def _move_wallet(transaction: Transaction, user_id: str, free: int, held: int, refused: Refusal) -> None:
    actions: list[Action] = [
        Wallet.available_micros.set(Wallet.available_micros + free),
        Wallet.held_micros.set(Wallet.held_micros + held),
    ]
    condition = (Wallet.available_micros >= max(0, -free)) & (Wallet.held_micros >= max(0, -held))
    transaction.update(Wallet(wallet_key(user_id), "WALLET"), actions, condition, refused=refused)


def _move_balance(transaction: Transaction, entry: Entry) -> None:
    shard = clock.choose_index(FEE_SHARDS)
    record = Balance(f"ACCOUNT#{entry.account}", f"SHARD#{shard}")
    transaction.update(record, [Balance.balance_micros.add(entry.amount_micros)])


def _add_earned(transaction: Transaction, entry: Entry, host_id: str, at: datetime) -> None:
    assert host_id, entry
    record = Earned(earned_key(entry.account.removeprefix(_EARNINGS), at.date()), host_id)
    transaction.update(record, [Earned.amount_micros.add(entry.amount_micros)])


def balance_micros(account: str) -> int:
    """The balance of a sharded account: the sum of its shards."""
    return sum(shard.balance_micros for shard in Balance.under(f"ACCOUNT#{account}", "SHARD#"))


def ledger_key(user_id: str, at: datetime) -> str:
    """The partition of a customer's ledger for the day of `at`."""
    return f"LEDGER#{user_id}#{at:%Y%m%d}"


def list_transactions(user_id: str, since: datetime, *, limit: int, cursor: str | None) -> Page[LedgerTransaction]:
    """A customer's ledger, newest first, back to the day of `since`."""
    newest = clock.now()
    days = (newest.date() - since.date()).days + 1
    buckets = [ledger_key(user_id, newest - timedelta(days=back)) for back in range(days)]
    return page_buckets(LedgerTransaction, buckets, limit=limit, cursor=cursor)
