"""The balances that one storage transaction changes, each written once however many postings touch it.

DynamoDB refuses a transaction that writes one item twice. So the changes of a wallet, of an account's balance and of a
day's earnings are summed here, and each sum becomes one conditional write when the transaction commits.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.billing.table import Balance, Earned, Wallet, earned_key, wallet_key
from sharemtc.problems import Conflict
from sharemtc.storage.transactions import Refusal, Transaction, WriteConflict

BALANCE_SHARDS = 8


class BalanceShort(Conflict):
    """A withdrawal exceeds the account's balance."""

    code, title = "balance_short", "The account's balance is too low"


class BalanceConflict(WriteConflict):
    """Another withdrawal from the account was first."""

    code, title = "balance_moved", "The account's balance changed meanwhile"


class WalletMove(NamedTuple):
    """Changes of a customer's free and held money, and the problem when the wallet does not cover them."""

    free_micros: int
    held_micros: int
    refused: Refusal


class Balances:
    """The sums of one storage transaction: `transaction.combined(Balances)`."""

    def __init__(self) -> None:
        self._wallets: dict[str, WalletMove] = {}
        self._accounts: Counter[str] = Counter()
        self._covered: set[str] = set()
        self._earned: Counter[tuple[str, date, str]] = Counter()

    def move_wallet(self, user_id: str, move: WalletMove) -> None:
        """Add a change of the customer's wallet; neither part of it may fall below zero.

        Of several problems, a `WriteConflict`, which leads to a retry, takes precedence.
        """
        before = self._wallets.get(user_id)
        if before is not None:
            refused = move.refused if isinstance(move.refused, WriteConflict) else before.refused
            move = WalletMove(before.free_micros + move.free_micros, before.held_micros + move.held_micros, refused)
        self._wallets[user_id] = move

    def move_account(self, account: str, amount_micros: int, *, covered: bool) -> None:
        """Add a change of another account; a `covered` one may not fall below zero."""
        self._accounts[account] += amount_micros
        if covered:
            self._covered.add(account)

    def earn(self, provider_id: str, day: date, host_id: str, amount_micros: int) -> None:
        """Add to the provider's earnings with that host on that day."""
        self._earned[provider_id, day, host_id] += amount_micros

    def free_change_micros(self, user_id: str) -> int:
        move = self._wallets.get(user_id)
        return 0 if move is None else move.free_micros

    def add_to(self, transaction: Transaction) -> None:
        """Add one write for each balance that changes."""
        for user_id, move in self._wallets.items():
            _write_wallet(transaction, user_id, move)
        for account, amount in self._accounts.items():
            if amount < 0 and account in self._covered:
                _withdraw(transaction, account, -amount)
            elif amount:
                _add(transaction, account, clock.choose_index(BALANCE_SHARDS), amount)
        for (provider_id, day, host_id), amount in self._earned.items():
            record = Earned(earned_key(provider_id, day), host_id)
            transaction.update(record, [Earned.amount_micros.add(amount)])


def _write_wallet(transaction: Transaction, user_id: str, move: WalletMove) -> None:
    free, held = move.free_micros, move.held_micros
    if not free and not held:
        return
    actions: list[Action] = [
        Wallet.available_micros.set(Wallet.available_micros + free),
        Wallet.held_micros.set(Wallet.held_micros + held),
    ]
    condition = (Wallet.available_micros >= max(0, -free)) & (Wallet.held_micros >= max(0, -held))
    transaction.update(Wallet(wallet_key(user_id), "WALLET"), actions, condition, refused=move.refused)


def _add(transaction: Transaction, account: str, shard: int, amount_micros: int) -> None:
    transaction.update(Balance(shards_key(account), f"SHARD#{shard}"), [Balance.balance_micros.add(amount_micros)])


def _withdraw(transaction: Transaction, account: str, amount_micros: int) -> None:
    """Take the amount from the account's shards, each on the condition that it covers its part.

    No condition can span the shards of a balance. But when no shard ever falls below zero, neither does their sum, and
    additions, the frequent writes, need no condition.
    """
    left = amount_micros
    for shard in sorted(shards_of(account), key=lambda shard: -shard.balance_micros):
        part = min(left, shard.balance_micros)
        if part <= 0:
            break
        actions: list[Action] = [Balance.balance_micros.set(Balance.balance_micros - part)]
        transaction.update(shard, actions, Balance.balance_micros >= part, refused=BalanceConflict())
        left -= part
    if left:
        raise BalanceShort(needed_micros=amount_micros, available_micros=amount_micros - left)


def shards_key(account: str) -> str:
    return f"ACCOUNT#{account}"


def shards_of(account: str) -> list[Balance]:
    """The existing shards of an account's balance."""
    return list(Balance.under(shards_key(account), "SHARD#"))
