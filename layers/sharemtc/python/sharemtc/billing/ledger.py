"""Double entry: each transaction's entries sum to zero, and balances change in the same write.

Accounts: `wallet:<user>` and `holds:<user>` (projected in the customer's Wallet), `provider_held:<provider>`,
`platform_fees`, `external_cash` (projected in sharded Balances). Provider earnings are also projected by day and host.
Several postings may share a storage transaction: `posting.Balances` writes each balance once.

A customer's ledger holds what changed the customer's money; what changed only a provider's balance is in the provider's
ledger.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.billing.kinds import EARNING, TransactionKind
from sharemtc.billing.posting import Balances, WalletMove, shards_of
from sharemtc.billing.table import Entry, LedgerTransaction
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import PaymentRequired
from sharemtc.storage.pages import Page, page_buckets
from sharemtc.storage.transactions import Refusal, Transaction


class InsufficientFunds(PaymentRequired):
    """The wallet's free money does not cover a hold or a payment."""

    code, title = "insufficient_funds", "Insufficient funds"


def wallet_account(user_id: str) -> str:
    """A customer's free money."""
    return f"wallet:{user_id}"


def holds_account(user_id: str) -> str:
    """A customer's money held for running workloads."""
    return f"holds:{user_id}"


def provider_account(provider_id: str) -> str:
    """A provider's earnings that are not paid out."""
    return f"{_EARNINGS}{provider_id}"


_EARNINGS = "provider_held:"
_CUSTOMERS = ("wallet:", "holds:")
PLATFORM_FEES = "platform_fees"
EXTERNAL_CASH = "external_cash"


def post(
    transaction: Transaction,
    user_id: str,
    kind: TransactionKind,
    entries: list[Entry],
    *,
    at: datetime,
    resource_id: str = "",
    host_id: str = "",
    detail: str = "",
    refused: Refusal | None = None,
) -> str:
    """Add a ledger transaction, and the balances that it changes, to `transaction`; returns its id.

    `user_id` is the ledger's owner. `host_id` earned what goes to a provider, for kinds in `EARNING`. `refused` is the
    problem when the customer's free or held money would fall below zero (default `InsufficientFunds`). Entries of zero
    are left out.
    """
    entries = [entry for entry in entries if entry.amount_micros]
    balances = transaction.combined(Balances)
    free = _sum(entries, wallet_account(user_id))
    held = _sum(entries, holds_account(user_id))
    if free or held:
        balances.move_wallet(user_id, WalletMove(free, held, refused or InsufficientFunds()))
    if kind in EARNING:
        _add_earned(balances, entries, host_id, at)
    return _record(transaction, user_id, kind, entries, at, resource_id, host_id, detail)


def post_starting_credit(
    transaction: Transaction, user_id: str, credit_micros: int, at: datetime, *, opens_wallet: bool
) -> str:
    """Post a starting credit; `opens_wallet`: `transaction` creates the wallet with that money."""
    entries = [Entry(EXTERNAL_CASH, -credit_micros), Entry(wallet_account(user_id), credit_micros)]
    kind, detail = TransactionKind.STARTING_CREDIT, "Starting credit"
    if opens_wallet:
        return _record(transaction, user_id, kind, entries, at, "", "", detail)
    return post(transaction, user_id, kind, entries, at=at, detail=detail)


def _record(
    transaction: Transaction,
    user_id: str,
    kind: TransactionKind,
    entries: list[Entry],
    at: datetime,
    resource_id: str,
    host_id: str,
    detail: str,
) -> str:
    assert sum(entry.amount_micros for entry in entries) == 0, entries
    own = (wallet_account(user_id), holds_account(user_id))
    transaction_id = new_id(IdKind.TRANSACTION)
    transaction.create(
        LedgerTransaction(
            ledger_key(user_id, at),
            transaction_id,
            id=transaction_id,
            user_id=user_id,
            kind=kind,
            amount_micros=sum(entry.amount_micros for entry in entries if entry.account in own),
            resource_id=resource_id,
            host_id=host_id,
            detail=detail,
            entries=tuple(entries),
            at=at,
        )
    )
    balances = transaction.combined(Balances)
    for entry in entries:
        if entry.account not in own:
            assert not entry.account.startswith(_CUSTOMERS), (user_id, entry)
            covered = entry.account.startswith(_EARNINGS)
            balances.move_account(entry.account, entry.amount_micros, covered=covered)
    return transaction_id


def _sum(entries: list[Entry], account: str) -> int:
    return sum(entry.amount_micros for entry in entries if entry.account == account)


def _add_earned(balances: Balances, entries: list[Entry], host_id: str, at: datetime) -> None:
    for entry in entries:
        if entry.account.startswith(_EARNINGS):
            assert host_id, entry
            balances.earn(entry.account.removeprefix(_EARNINGS), at.date(), host_id, entry.amount_micros)


def free_change_micros(transaction: Transaction, user_id: str) -> int:
    """How the postings in `transaction` so far change the customer's free money in storage."""
    return transaction.combined(Balances).free_change_micros(user_id)


def balance_micros(account: str) -> int:
    """The sum of a sharded account's shards."""
    return sum(shard.balance_micros for shard in shards_of(account))


def ledger_key(user_id: str, at: datetime) -> str:
    """The partition of a customer's ledger for one day."""
    return f"LEDGER#{user_id}#{at:%Y%m%d}"


def list_transactions(user_id: str, since: datetime, *, limit: int, cursor: str | None) -> Page[LedgerTransaction]:
    """A customer's ledger, newest first, back to the day of `since`."""
    newest = clock.now()
    days = (newest.date() - since.date()).days + 1
    buckets = [ledger_key(user_id, newest - timedelta(days=back)) for back in range(days)]
    return page_buckets(LedgerTransaction, buckets, limit=limit, cursor=cursor)
