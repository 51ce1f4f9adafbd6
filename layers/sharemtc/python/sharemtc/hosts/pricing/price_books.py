"""A host's price book: published versions, each in effect from a given time, never edited."""

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

# tolerated difference between clocks: a version dated this far back takes effect now
MAX_BACKDATING = timedelta(minutes=1)
MAX_LEAD_TIME = timedelta(days=366)
MAX_FUTURE_VERSIONS = 20
MAX_VERSIONS = 900


class PriceBookFull(Conflict):
    """The book holds `MAX_VERSIONS`, or `MAX_FUTURE_VERSIONS` have yet to take effect."""

    code, title = "price_book_full", "This price book is full"


def versions_of(host: Host) -> tuple[PriceVersion, ...]:
    """The current and future versions. A host from before price books has one, from its enrollment on."""
    return tuple(host.price_versions) or (PriceVersion(1, host.enrolled_at, host.prices),)


def at(host: Host, now: datetime) -> PriceVersion:
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
    """Add a version in `transaction`; without bonus rows it keeps those of the current version.

    Refused: `WriteConflict` when another version was published meanwhile. Errors: `Invalid` naming `/effective_at`,
    `PriceBookFull`.
    """
    now = clock.now()
    code = _invalid_time(effective_at, now)
    if code is not None:
        raise Invalid(errors=(FieldError("/effective_at", code, "Give a time between now and a year from now."),))
    known = versions_of(host)
    if network_bonus is None:
        network_bonus = pricing.current(known, now).network_bonus
    number = (host.prices_version or known[-1].version) + 1
    version = PriceVersion(number, max(effective_at or now, now), prices, network_bonus)
    kept = (*pricing.from_now_on(known, now), version)
    if number > MAX_VERSIONS or sum(version.effective_at > now for version in kept) > MAX_FUTURE_VERSIONS:
        raise PriceBookFull
    book = record_of(host.id, version, by=by, at=now)
    transaction.create(book, refused=WriteConflict())
    if host.prices_version == 0:
        transaction.create(record_of(host.id, known[0], by="platform", at=host.enrolled_at), refused=WriteConflict())
    actions = [
        Host.price_versions.set(kept),
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
    if host.prices_version == 0:
        return Page((record_of(host.id, versions_of(host)[0], by="platform", at=host.enrolled_at),), None)
    return page(PriceBook, _book_key(host.id), limit=limit, cursor=cursor)


def record_of(host_id: str, version: PriceVersion, *, by: str, at: datetime) -> PriceBook:
    return PriceBook(_book_key(host_id), f"{version.version:06d}", terms=version, created_at=at, created_by=by)


def _invalid_time(effective_at: datetime | None, now: datetime) -> str | None:
    if effective_at is None or now - MAX_BACKDATING <= effective_at <= now + MAX_LEAD_TIME:
        return None
    return "in_the_past" if effective_at < now else "too_far"


def _book_key(host_id: str) -> str:
    return f"PRICES#{host_id}"
