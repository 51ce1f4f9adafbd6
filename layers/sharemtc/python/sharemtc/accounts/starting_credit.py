"""The starting credit of a new account: once per confirmed mailbox, with daily limits.

Addresses are normalised, so that one mailbox gets one credit: lower case, without the local part from the first `+` on;
at Gmail also without dots, and googlemail.com is gmail.com. The record of a credit is kept after the account is
deleted, as a hash keyed with the token secret. Keys of lines that are removed from the secret are no longer found, so
keep old lines.

Owners of a domain can create many addresses, so the credits per day are limited, in all and per network address. A
deployment without e-mail can skip the confirmation (`STARTING_CREDIT_NEEDS_PROOF`); then only the limits apply.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sharemtc import clock, encryption
from sharemtc.accounts.table import CreditCount, CreditGiven, User
from sharemtc.client_addresses import counted_as
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict

COUNTS_KEPT = timedelta(days=2)
_PURPOSE = "starting credit"
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})


class CreditMoved(WriteConflict):
    """Another account just got this mailbox's credit, or the last one of the day."""

    code, title = "credit_moved", "Another account was just credited"


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit that is due: the transaction that records it also adds `amount_micros` to the wallet."""

    amount_micros: int
    user_id: str
    given_key: str
    counts: tuple[tuple[CreditCount, int], ...]
    at: datetime

    def record(self, transaction: Transaction) -> None:
        """Record and count the credit. Errors: `CreditMoved`."""
        transaction.create(CreditGiven(self.given_key, "CREDIT", given_at=self.at), refused=CreditMoved())
        for count, limit in self.counts:
            room = CreditCount.given.does_not_exist() | (CreditCount.given < limit)
            actions = [CreditCount.given.add(1), CreditCount.expires_at.set(self.at + COUNTS_KEPT)]
            transaction.update(count, actions, room, refused=CreditMoved())


def due(user: User, address: str) -> Credit | None:
    """The credit that this user gets now, if any; `address` is the network address of the request."""
    given, now = settings(), clock.now()
    if not given.starting_credit_micros or (given.starting_credit_needs_proof and user.email_proven_at is None):
        return None
    keys = _keys(user.email)
    if any(CreditGiven.find(key, "CREDIT") is not None for key in keys):
        return None
    counts = (
        (_count_of(now), given.starting_credits_per_day),
        (_count_of(now, address), given.starting_credits_per_address),
    )
    for count, limit in counts:
        if _given(count) >= limit:
            return None
    return Credit(given.starting_credit_micros, user.id, keys[0], counts, now)


def given_today() -> int:
    return _given(_count_of(clock.now()))


def mailbox_of(email: str) -> str:
    local, _, domain = email.lower().rpartition("@")
    mailbox = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        return f"{mailbox.replace('.', '')}@gmail.com"
    return f"{mailbox}@{domain}"


def _keys(email: str) -> list[str]:
    return [f"CREDIT#{mac.hex()}" for mac in encryption.macs(_PURPOSE, mailbox_of(email).encode())]


def _count_of(now: datetime, address: str | None = None) -> CreditCount:
    sk = "ALL" if address is None else f"FROM#{hashlib.sha256(counted_as(address).encode()).hexdigest()[:32]}"
    return CreditCount(f"CREDITS#{now:%Y%m%d}", sk)


def _given(count: CreditCount) -> int:
    found = CreditCount.find(count.pk, count.sk)
    return 0 if found is None else found.given
