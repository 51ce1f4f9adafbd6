"""Operators' decisions: a chain per month, plus entries in the chains of the operator and of the resource's owner.

The month's chain has the operator, the resource and the reason, and stays when an account is deleted. The operator's
own chain also has the origin; the owner's only the event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sharemtc import clock
from sharemtc.audit import service
from sharemtc.audit.origins import INTERNAL, Origin
from sharemtc.audit.schemas import AuditEvent, AuditVerdict, DecisionQuery
from sharemtc.audit.table import RECORD_PREFIX, AuditRecord, subject_key
from sharemtc.storage.pages import Page, page_buckets
from sharemtc.storage.transactions import Transaction, retry_on_conflict

T = TypeVar("T")
LISTED_MONTHS = 24


@dataclass(frozen=True)
class Decision:
    """An operator's decision about a resource; `reason` is their text."""

    event: AuditEvent
    operator_id: str
    origin: Origin
    resource_id: str
    owner_id: str | None
    reason: str

    def append(self, transaction: Transaction, **detail: str) -> None:
        """Add a record to each of the three chains; call it last. Errors: `service.ChainMoved`."""
        recorded = {"operator_id": self.operator_id, "resource_id": self.resource_id, "reason": self.reason, **detail}
        service.append(transaction, _chain_of(clock.now()), self.event, INTERNAL, **recorded)
        resource = {"resource_id": self.resource_id}
        service.append(transaction, self.operator_id, self.event, self.origin, **resource)
        if self.owner_id not in (None, self.operator_id):
            service.append(transaction, str(self.owner_id), self.event, INTERNAL, **resource)


def commit(write: Callable[[Transaction], T]) -> T:
    """Commit what `write` adds, which includes the decision; retried on `WriteConflict`. Errors: those of `write`."""
    return retry_on_conflict(lambda: service.commit(write))


def list_decisions(query: DecisionQuery) -> Page[AuditRecord]:
    """Decisions of the last two years, newest first."""

    def wanted(record: AuditRecord) -> bool:
        same_operator = query.operator_id in (None, record.detail["operator_id"])
        return same_operator and query.resource_id in (None, record.detail["resource_id"])

    month, chains = clock.now(), []
    for _ in range(LISTED_MONTHS):
        chains.append(subject_key(_chain_of(month)))
        month = month.replace(day=1) - timedelta(days=1)
    records = AuditRecord.sk.startswith(RECORD_PREFIX)
    return page_buckets(
        AuditRecord, chains, limit=query.limit, cursor=query.cursor, range_condition=records, keep=wanted
    )


def verify(month: str | None) -> AuditVerdict:
    """Verify the chain of a month (`2030-01`), by default the current one. Errors: `Busy`."""
    return service.verify(_chain_of(clock.now()) if month is None else f"operators:{month.replace('-', '')}")


def _chain_of(month: datetime) -> str:
    return f"operators:{month:%Y%m}"
