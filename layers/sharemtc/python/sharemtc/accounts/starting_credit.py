"""Money for a new account: once for an e-mail address, on proof that it is theirs, so many a day.

What is worth money must not hang on an identity that costs nothing. An address tells people apart only as far as it is
normalised first: lower case; from the first `+` on, the local part is dropped, whatever the provider; at Gmail, whose
mailboxes do not tell dots apart, the dots are too, and googlemail.com is gmail.com. Whose credit was given is kept
after the account is deleted, as a keyed hash that says nothing without the token secret. (A line that is dropped from
that secret is forgotten here too: keep old lines while this matters.)

An address costs little to whoever owns a domain, so there is a limit for each day, over all, and for each network
address. A deployment that only tries the platform out, without emails, may ask for no proof
(`STARTING_CREDIT_NEEDS_PROOF`); the limits are then all that holds.
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
    """Another account took the address's credit, or the day's last, at this moment."""

    code, title = "credit_moved", "Another account was credited meanwhile"


@dataclass(frozen=True, slots=True)
class Credit:
    """A starting credit that is due: `amount_micros` goes into the wallet in the transaction that records it."""

    amount_micros: int
    user_id: str
    given_key: str
    counts: tuple[tuple[CreditCount, int], ...]
    at: datetime

    def record(self, transaction: Transaction) -> None:
        """Note that the address had its credit, and count it. Refused with `CreditMoved`."""
        transaction.create(CreditGiven(self.given_key, "CREDIT", given_at=self.at), refused=CreditMoved())
        for count, limit in self.counts:
            room = CreditCount.given.does_not_exist() | (CreditCount.given < limit)
            actions = [CreditCount.given.add(1), CreditCount.expires_at.set(self.at + COUNTS_KEPT)]
            transaction.update(count, actions, room, refused=CreditMoved())


def due(user: User, address: str) -> Credit | None:
    """The credit that this user gets now, whose request came from `address`; None: none."""
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
    """How many were given on this day (UTC)."""
    return _given(_count_of(clock.now()))


def mailbox_of(email: str) -> str:
    """The one mailbox that an address and its other spellings reach, as far as rules that anyone can read tell."""
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
