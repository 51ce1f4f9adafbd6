"""A host's price book: versions that are published, each for a time from which it holds, and never edited."""

from __future__ import annotations

from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import PricesVersion
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.pricing import rules as pricing
from sharemtc.hosts.pricing.table import PriceBook
from sharemtc.hosts.table import Host, unchanged
from sharemtc.hosts.values import NetworkBonus, PriceVersion
from sharemtc.money import Prices
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.storage.pages import Page, page
from sharemtc.storage.transactions import Transaction, WriteConflict

# how far a caller's clock may be behind; what is meant for then holds from now
LATE = timedelta(minutes=1)
FARTHEST = timedelta(days=366)
MAX_FUTURE = 20
MAX_VERSIONS = 900


class BookFull(Conflict):
    """The book takes no more versions: so many wait to take effect, or so many were published."""

    code, title = "price_book_full", "This price book takes no more versions"


def versions_of(host: Host) -> tuple[PriceVersion, ...]:
    """The versions that are or will be in effect. A host of before price books has one, from when it joined."""
    return tuple(host.price_versions) or (PriceVersion(1, host.enrolled_at, host.prices),)


def at(host: Host, now: datetime) -> PriceVersion:
    """The version that is in effect at `now`."""
    return pricing.current(versions_of(host), now)


def publish(
    host: Host,
    prices: Prices,
    network_bonus: tuple[NetworkBonus, ...] | None,
    effective_at: datetime | None,
    transaction: Transaction,
    *,
    by: str,
) -> PriceBook:
    """Add a version to the book with what else `transaction` does; without bonus rows it has those of the present one.

    Refused: `WriteConflict`, when another was published meanwhile. Errors: `Invalid` naming `/effective_at`,
    `BookFull`.
    """
    now = clock.now()
    wrong = _wrong_time(effective_at, now)
    if wrong is not None:
        raise Invalid(errors=(FieldError("/effective_at", wrong, "Give a time between now and a year from now."),))
    known = versions_of(host)
    if network_bonus is None:
        network_bonus = pricing.current(known, now).network_bonus
    number = (host.prices_version or known[-1].version) + 1
    version = PriceVersion(number, max(effective_at or now, now), prices, network_bonus)
    needed = (*pricing.still_needed(known, now), version)
    if number > MAX_VERSIONS or sum(one.effective_at > now for one in needed) > MAX_FUTURE:
        raise BookFull
    book = record_of(host.id, version, by=by, at=now)
    transaction.create(book, refused=WriteConflict())
    if host.prices_version == 0:
        transaction.create(record_of(host.id, known[0], by="platform", at=host.enrolled_at), refused=WriteConflict())
    actions = [
        Host.price_versions.set(needed),
        Host.prices_version.set(number),
        Host.version.set(host.version + 1),
    ]
    transaction.update(host, actions, unchanged(host), refused=WriteConflict())
    event_log.append(
        transaction, host.owner_id, EventType.HOST_PRICES_PUBLISHED, host.id,
        reason=EventReason.PROVIDER, actor=by, at=now,
        data=PricesVersion(version=number, effective_at=version.effective_at),
    )  # fmt: skip
    return book


def list_versions(host: Host, *, limit: int, cursor: str | None) -> Page[PriceBook]:
    """All versions, newest first."""
    if host.prices_version == 0:
        return Page((record_of(host.id, versions_of(host)[0], by="platform", at=host.enrolled_at),), None)
    return page(PriceBook, _book_key(host.id), limit=limit, cursor=cursor)


def record_of(host_id: str, version: PriceVersion, *, by: str, at: datetime) -> PriceBook:
    """The record of a version."""
    return PriceBook(_book_key(host_id), f"{version.version:06d}", terms=version, created_at=at, created_by=by)


def _wrong_time(effective_at: datetime | None, now: datetime) -> str | None:
    if effective_at is None or now - LATE <= effective_at <= now + FARTHEST:
        return None
    return "in_the_past" if effective_at < now else "too_far"


def _book_key(host_id: str) -> str:
    return f"PRICES#{host_id}"
