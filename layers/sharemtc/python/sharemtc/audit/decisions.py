"""What operators did: a chain for each month, beside those of the operator and of the owner of what it was done to.

The month's chain says who, to what and why, and stays when an account is deleted. The operator's own chain says where
it was done from; the owner's only that it was done.
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
    """What an operator does: `reason` in their words, `owner_id` whose thing it is."""

    event: AuditEvent
    operator_id: str
    origin: Origin
    resource_id: str
    owner_id: str | None
    reason: str

    def append(self, transaction: Transaction, **detail: str) -> None:
        """Add the evidence to the three chains; call it last. Refused: `service.ChainMoved`."""
        told = {"operator_id": self.operator_id, "resource_id": self.resource_id, "reason": self.reason, **detail}
        service.append(transaction, _chain_of(clock.now()), self.event, INTERNAL, **told)
        resource = {"resource_id": self.resource_id}
        service.append(transaction, self.operator_id, self.event, self.origin, **resource)
        if self.owner_id not in (None, self.operator_id):
            service.append(transaction, str(self.owner_id), self.event, INTERNAL, **resource)


def commit(write: Callable[[Transaction], T]) -> T:
    """Let `write` decide, fill a transaction and append its act; again when something of it moved. Errors: its own."""
    return retry_on_conflict(lambda: service.commit(write))


def list_acts(query: DecisionQuery) -> Page[AuditRecord]:
    """What operators did in the last two years, newest first."""

    def wanted(record: AuditRecord) -> bool:
        told = record.detail
        by_them, of_it = (
            query.operator_id in (None, told["operator_id"]),
            query.resource_id in (None, told["resource_id"]),
        )
        return by_them and of_it

    month, chains = clock.now(), []
    for _ in range(LISTED_MONTHS):
        chains.append(subject_key(_chain_of(month)))
        month = month.replace(day=1) - timedelta(days=1)
    records = AuditRecord.sk.startswith(RECORD_PREFIX)
    return page_buckets(
        AuditRecord, chains, limit=query.limit, cursor=query.cursor, range_condition=records, keep=wanted
    )


def verify(month: str | None) -> AuditVerdict:
    """Compute the chain of a month (`2030-01`), the present one unless named, again. Errors: `Busy`."""
    return service.verify(_chain_of(clock.now()) if month is None else f"operators:{month.replace('-', '')}")


def _chain_of(month: datetime) -> str:
    return f"operators:{month:%Y%m}"
