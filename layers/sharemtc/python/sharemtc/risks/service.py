"""Reports, resolves, acknowledges, lists and counts risks.

A rule calls `report` whenever it sees the risk, and `resolve` when it no longer does. Both are idempotent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.problems import Conflict, NotFound
from sharemtc.requests import IfMatch
from sharemtc.risks.kinds import RANK, UNRESOLVED, RiskKind, RiskState, Severity, resource_type_of
from sharemtc.risks.schemas import RiskQuery
from sharemtc.risks.table import (
    SHARDS,
    Risk,
    feed_of,
    place_of,
    resolved_feed,
    risk_id,
    risk_key,
    unresolved_feed,
)
from sharemtc.storage.pages import Page, page_buckets, page_shards
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.storage.unreadable import skip_unreadable

MAX_DETAIL_CHARS = 500
# resolved risks are kept and listed for this long
KEPT = timedelta(days=30)


class RiskResolved(Conflict):
    code, title = "risk_resolved", "This risk is already resolved"


@dataclass(frozen=True)
class Counts:
    """The number of unresolved risks, and of critical ones among them."""

    open: int
    critical: int


def report(kind: RiskKind, resource_id: str, *, severity: Severity, owner_id: str | None, detail: str) -> bool:
    """Open a risk, or count the existing one; returns whether it was opened.

    Written by itself, not in the caller's transaction. A higher severity opens an acknowledged risk again.
    """
    detail = detail[:MAX_DETAIL_CHARS]
    if _count(kind, resource_id, severity, detail):
        return False
    return retry_on_conflict(lambda: _open(kind, resource_id, severity, owner_id, detail))


def _count(kind: RiskKind, resource_id: str, severity: Severity, detail: str) -> bool:
    """The common case, one write: a known risk with the same severity."""
    id = risk_id(kind, resource_id)
    seen: list[Action] = [Risk.last_seen_at.set(clock.now()), Risk.detail.set(detail), Risk.sightings.add(1)]
    known = (Risk.severity == severity) & Risk.state.is_in(RiskState.OPEN, RiskState.ACKNOWLEDGED)
    return Risk(risk_key(id), "RISK").update_if(seen, known)


def _open(kind: RiskKind, resource_id: str, severity: Severity, owner_id: str | None, detail: str) -> bool:
    id, now = risk_id(kind, resource_id), clock.now()
    found = Risk.find(risk_key(id), "RISK")
    transaction, is_new = Transaction(), found is None or found.state is RiskState.RESOLVED
    if found is None or found.state is RiskState.RESOLVED:
        opened = Risk(
            risk_key(id),
            "RISK",
            id=id,
            kind=kind,
            severity=severity,
            resource_type=resource_type_of(resource_id),
            resource_id=resource_id,
            owner_id=owner_id,
            detail=detail,
            state=RiskState.OPEN,
            version=1 if found is None else found.version + 1,
            sightings=1,
            first_seen_at=now,
            last_seen_at=now,
            feed=feed_of(id, severity),
            place=place_of(id, now),
        )
        unchanged = Risk.pk.does_not_exist() if found is None else Risk.version == found.version
        transaction.put(opened, unchanged, refused=WriteConflict())
    else:
        worse = RANK[severity] > RANK[found.severity]
        transaction.update(
            found,
            [
                Risk.severity.set(severity),
                Risk.feed.set(feed_of(id, severity)),
                Risk.state.set(RiskState.OPEN if worse else found.state),
                Risk.detail.set(detail),
                Risk.last_seen_at.set(now),
                Risk.version.add(1),
                Risk.sightings.add(1),
            ],
            Risk.version == found.version,
            refused=WriteConflict(),
        )
    transaction.commit()
    return is_new


def resolve(kind: RiskKind, resource_id: str) -> bool:
    """Resolve the risk; returns whether there was one. Costs one read when there was not."""

    def decide() -> bool:
        found = Risk.find(risk_key(risk_id(kind, resource_id)), "RISK")
        if found is None or found.state is RiskState.RESOLVED:
            return False
        now = clock.now()
        transaction = Transaction()
        transaction.update(
            found,
            [
                Risk.state.set(RiskState.RESOLVED),
                Risk.resolved_at.set(now),
                Risk.feed.set(resolved_feed(now)),
                Risk.place.set(place_of(found.id, now)),
                Risk.expires_at.set(now + KEPT),
                Risk.version.add(1),
            ],
            Risk.version == found.version,
            refused=WriteConflict(),
        )
        transaction.commit()
        return True

    return retry_on_conflict(decide)


def find(id: str) -> Risk:
    """Errors: `NotFound`."""
    found = Risk.find(risk_key(id), "RISK")
    if found is None:
        raise NotFound
    return found


def should_notify(kind: RiskKind, resource_id: str, *, repeat_after: timedelta) -> bool:
    """Whether the owner should get an event: the risk is not open, or was last seen at least `repeat_after` ago."""
    known = Risk.find(risk_key(risk_id(kind, resource_id)), "RISK")
    return known is None or known.state is RiskState.RESOLVED or clock.now() - known.last_seen_at >= repeat_after


def acknowledge(transaction: Transaction, id: str, operator_id: str, text: str, if_match: IfMatch) -> Risk:
    """Acknowledge the risk; doing it again replaces the note.

    Errors: `NotFound`, `RiskResolved`, `PreconditionFailed`; on commit `WriteConflict`.
    """
    found = find(id)
    if_match.require(found.version)
    if found.state not in UNRESOLVED:
        raise RiskResolved
    transaction.update(
        found,
        [
            Risk.state.set(RiskState.ACKNOWLEDGED),
            Risk.acknowledged_by.set(operator_id),
            Risk.acknowledged_at.set(clock.now()),
            Risk.note.set(text),
            Risk.version.add(1),
        ],
        Risk.version == found.version,
        refused=WriteConflict(),
    )
    return found


def list_risks(query: RiskQuery) -> Page[Risk]:
    """The newest first: unresolved risks by when they opened, resolved ones by when they were resolved."""

    def wanted(risk: Risk) -> bool:
        return (
            query.kind in (None, risk.kind)
            and query.severity in (None, risk.severity)
            and query.state in (None, risk.state)
        )

    if query.state is RiskState.RESOLVED:
        days = [resolved_feed(day) for day in _days_back(clock.now())]
        return page_buckets(Risk.by_feed, days, limit=query.limit, cursor=query.cursor, keep=wanted)
    feeds = _unresolved_feeds(list(Severity) if query.severity is None else [query.severity])
    return page_shards(
        Risk.by_feed, feeds, Risk.place, limit=query.limit, cursor=query.cursor, newest_first=True, keep=wanted
    )


def unresolved(kind: RiskKind) -> list[str]:
    feeds = _unresolved_feeds(list(Severity))
    return [
        risk.resource_id for feed in feeds for risk in skip_unreadable(Risk.by_feed.query(feed)) if risk.kind is kind
    ]


def count() -> Counts:
    critical = _number_in([Severity.CRITICAL])
    return Counts(critical + _number_in([Severity.INFO, Severity.WARNING]), critical)


def _number_in(severities: list[Severity]) -> int:
    return sum(Risk.by_feed.count(feed) for feed in _unresolved_feeds(severities))


def _unresolved_feeds(severities: list[Severity]) -> list[str]:
    return [unresolved_feed(severity, shard) for severity in severities for shard in range(SHARDS)]


def _days_back(now: datetime) -> list[datetime]:
    return [now - timedelta(days=back) for back in range(KEPT.days + 1)]
