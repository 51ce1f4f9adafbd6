"""At most ten wrong passwords in any fifteen minutes and account, without locking the owner out.

Each try takes a slot in every bucket that it counts in, before the password is looked at, and a right one gives its
slots back. A slot stays taken for `WINDOW`: a sliding window that is exact under any concurrency, because a slot is
taken by one conditional write and no count is read and written back.

Whoever holds an account's device token (given at each sign-in, see `devices`) counts in that device's own bucket; all
others share the account's. So strangers who use up the account's tries stop each other, not the owner on a device that
signed in before (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). A single address can use only half of
the account's tries, so that the owner on a new device elsewhere still has the rest.
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
# an office or a mobile network behind one address has many people who mistype; an account's own limit is what holds
# against guessing it, this one only against trying one password at very many accounts
ADDRESS_LIMIT = 50
DEVICE_LIMIT = 10
MAX_ATTEMPTS = 16


class TooManyGuesses(TooManyRequests):
    """No try is left for now; the right password would be refused too."""

    code, title = "too_many_guesses", "Too many wrong passwords"


class _SlotLost(Conflict):
    code, title = "slot_lost", "Another try took the slot"


@dataclass(frozen=True, slots=True)
class Bucket:
    """What tries are counted by."""

    name: str
    limit: int

    @property
    def key(self) -> str:
        """The partition of its slots; a digest, because what is typed into the field of an address may be anything."""
        return f"GUESSES#{hashlib.sha256(self.name.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that one try occupies."""

    bucket: Bucket
    index: int


def buckets_of(email: str, source_ip: str, device_id: str | None) -> tuple[Bucket, ...]:
    """What a try at that account counts in; `device_id` is of a device that signed in to it before."""
    if device_id is not None:
        return (Bucket(f"device {device_id}", DEVICE_LIMIT),)
    source = counted_as(source_ip)
    return (
        Bucket(f"account {email}", ACCOUNT_LIMIT),
        Bucket(f"account {email} from {source}", ACCOUNT_FROM_ONE_ADDRESS_LIMIT),
        Bucket(f"address {source}", ADDRESS_LIMIT),
    )


def take(buckets: Iterable[Bucket]) -> tuple[Slot, ...]:
    """Take one slot in every bucket, or none. Errors: `TooManyGuesses` saying when to come again, `Busy`."""
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
    raise Busy("Many try to sign in to this account at once; try again in a moment.")


def give_back(slots: Iterable[Slot]) -> None:
    """Free the slots of a try that was right."""
    transaction = Transaction()
    for slot in slots:
        transaction.delete(Guess(slot.bucket.key, f"{SLOT_PREFIX}{slot.index}"))
    transaction.commit()


def _choose(bucket: Bucket, now: datetime) -> Slot:
    taken = {record.sk: record.free_at for record in Guess.under(bucket.key, SLOT_PREFIX) if record.free_at > now}
    free = [index for index in range(bucket.limit) if f"{SLOT_PREFIX}{index}" not in taken]
    if not free:
        wait_s = clock.elapsed_ms(now, min(taken.values())) // 1000 + 1
        raise TooManyGuesses("Wait before trying again, or use a device you signed in on before.", retry_after_s=wait_s)
    return Slot(bucket, free[clock.choose_index(len(free))])
