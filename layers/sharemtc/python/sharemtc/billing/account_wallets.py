"""What billing adds to an account's life: its wallet, the starting credit, and what keeps it from being deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharemtc import clock
from sharemtc.accounts import service as accounts
from sharemtc.accounts import starting_credit
from sharemtc.accounts.deletion import DeletionBlocker
from sharemtc.audit.origins import Origin
from sharemtc.billing import service as billing
from sharemtc.billing import wallet_closure
from sharemtc.storage.transactions import Transaction

if TYPE_CHECKING:
    from sharemtc.accounts.table import User


def with_wallet(origin: Origin) -> accounts.AlsoWithUser:
    """Opens the new account's wallet, with the starting credit if it is due."""

    def also(transaction: Transaction, user: User) -> None:
        credit = starting_credit.due(user, origin.address)
        if credit is not None:
            credit.record(transaction)
        amount = credit.amount_micros if credit is not None else 0
        billing.open_wallet(transaction, user.id, amount, clock.now())

    return also


def with_credit(origin: Origin) -> accounts.AlsoWithUser:
    """Adds the starting credit, if it is due, to the wallet of an account whose address is being confirmed."""

    def also(transaction: Transaction, user: User) -> None:
        credit = starting_credit.due(user, origin.address)
        if credit is not None:
            credit.record(transaction)
            billing.credit(transaction, user.id, credit.amount_micros, credit.at)

    return also


def close_wallet(transaction: Transaction, user_id: str) -> None:
    wallet_closure.close_wallet(transaction, user_id, clock.now())


def blockers(user_id: str) -> list[DeletionBlocker]:
    # a tenth of this function's import time, for an operation that a user does at most once
    from sharemtc.hosts import service as hosts

    reasons = []
    if running := wallet_closure.count_open_meters(user_id):
        reasons.append(DeletionBlocker("live_allocations", f"Terminate your {running} machines first."))
    if held_micros := billing.read_balance(user_id).held_micros:
        reasons.append(DeletionBlocker("money_held", f"{held_micros} micro-USD are still held for machines."))
    if hosts.provides(user_id):
        reasons.append(DeletionBlocker("hosts", "Retire your hosts first."))
    return reasons
