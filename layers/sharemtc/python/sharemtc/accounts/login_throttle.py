"""Limits wrong passwords to ten per account and fifteen minutes, without locking the owner out.

Each attempt takes a slot in every bucket that it counts in, before the password is checked; a right password releases
them. A slot stays taken for `WINDOW`. Slots are taken by conditional writes, so the sliding window is exact under any
concurrency.

An attempt with the account's device token (issued at each sign-in, see `trusted_browsers`) counts in that device's own
bucket; all others share the account's. So attackers who use up the account's attempts do not lock the owner out of a
browser that signed in before (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). One address can use only
half of the account's attempts, which leaves the rest to the owner in a new browser elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.accounts.table import SLOT_PREFIX, Guess
from sharemtc.client_addresses import counted_as
from sharemtc.problems import Conflict, TooManyRequests
from sharemtc.storage.failures import Busy
from sharemtc.storage.transactions import Transaction

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
ACCOUNT_FROM_ONE_ADDRESS_LIMIT = 5
# high, because many people may share the address of an office or a mobile network: it only limits trying one password
# with many accounts; the account's own limit protects against guessing
ADDRESS_LIMIT = 50
DEVICE_LIMIT = 10
MAX_ATTEMPTS = 16


class TooManyGuesses(TooManyRequests):
    """No attempt is left for now, not even with the right password."""

    code, title = "too_many_guesses", "Too many wrong passwords"


class _SlotLost(Conflict):
    code, title = "slot_lost", "Another attempt took the slot"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A counter of attempts."""

    name: str
    limit: int

    @property
    def key(self) -> str:
        """The partition of its slots; a digest, because the name contains user input."""
        return f"GUESSES#{hashlib.sha256(self.name.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one attempt in a bucket."""

    bucket: Bucket
    index: int


def buckets_of(email: str, source_ip: str, device_id: str | None) -> tuple[Bucket, ...]:
    """The buckets of a login attempt; `device_id` is that of a browser that signed in to the account before."""
    if device_id is not None:
        return (Bucket(f"device {device_id}", DEVICE_LIMIT),)
    source = counted_as(source_ip)
    return (
        Bucket(f"account {email}", ACCOUNT_LIMIT),
        Bucket(f"account {email} from {source}", ACCOUNT_FROM_ONE_ADDRESS_LIMIT),
        Bucket(f"address {source}", ADDRESS_LIMIT),
    )


def take(buckets: Iterable[Bucket]) -> tuple[Slot, ...]:
    """Take one slot in every bucket, or none. Errors: `TooManyGuesses` with `retry_after_s`, `Busy`."""
    wanted = tuple(buckets)
    for _ in range(MAX_ATTEMPTS):
        now = clock.now()
        slots = tuple(_choose(bucket, now) for bucket in wanted)
        transaction = Transaction()
        for slot in slots:
            until = now + WINDOW
            guess = Guess(slot.bucket.key, f"{SLOT_PREFIX}{slot.index}", free_at=until, expires_at=until + WINDOW)
            transaction.put(guess, Guess.pk.does_not_exist() | (Guess.free_at <= now), refused=_SlotLost())
        try:
            transaction.commit()
        except _SlotLost:
            continue
        return slots
    raise Busy("There are many simultaneous sign-ins to this account. Try again in a moment.")


def release(slots: Iterable[Slot]) -> None:
    transaction = Transaction()
    for slot in slots:
        transaction.delete(Guess(slot.bucket.key, f"{SLOT_PREFIX}{slot.index}"))
    transaction.commit()


def _choose(bucket: Bucket, now: datetime) -> Slot:
    taken = {record.sk: record.free_at for record in Guess.under(bucket.key, SLOT_PREFIX) if record.free_at > now}
    free = [index for index in range(bucket.limit) if f"{SLOT_PREFIX}{index}" not in taken]
    if not free:
        wait_s = clock.elapsed_ms(now, min(taken.values())) // 1000 + 1
        raise TooManyGuesses("Wait, or use a browser in which you signed in before.", retry_after_s=wait_s)
    return Slot(bucket, free[clock.choose_index(len(free))])
