"""Closing a customer's wallet when the account is deleted. The ledger stays."""

from __future__ import annotations

from datetime import datetime

from sharemtc.billing import ledger, meters
from sharemtc.billing.kinds import TransactionKind
from sharemtc.billing.table import Entry, Meter, Wallet, wallet_key
from sharemtc.problems import Conflict
from sharemtc.storage.transactions import Transaction

UNCLAIMED = "unclaimed_balances"


class WalletInUse(Conflict):
    """Money is held, or was moved at the same time."""

    code, title = "wallet_in_use", "The wallet is still in use"


def count_open_meters(user_id: str) -> int:
    return sum(1 for _ in Meter.meters_by_user.query(user_id))


def close_wallet(transaction: Transaction, user_id: str, at: datetime) -> None:
    """Move the rest out of the wallet, so that nothing can be rented with it. Refused: `WalletInUse`."""
    wallet = meters.find_wallet(user_id)
    if wallet.held_micros:
        raise WalletInUse
    left = wallet.available_micros
    if left:
        entries = [Entry(ledger.wallet_account(user_id), -left), Entry(UNCLAIMED, left)]
        detail = "Remaining balance of a deleted account"
        kind = TransactionKind.ACCOUNT_CLOSED
        ledger.post(transaction, user_id, kind, entries, at=at, detail=detail, refused=WalletInUse())
        return
    empty = (Wallet.available_micros == 0) & (Wallet.held_micros == 0)
    transaction.check(Wallet(wallet_key(user_id), "WALLET"), empty, refused=WalletInUse())
