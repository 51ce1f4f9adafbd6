"""Protocol violations by hosts, reported to their owners as events and to operators as risks."""

from __future__ import annotations

from datetime import timedelta

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.table import Host, host_key
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.transactions import Transaction

# a violation that continues is one event until it has paused for this long
EVENT_INTERVAL = timedelta(minutes=10)


def send(host_id: str, kind: RiskKind, detail: str, *, severity: Severity = Severity.CRITICAL) -> None:
    """Record a risk, and an event for the owner unless one was recorded lately."""
    host = Host.get(host_key(host_id), "HOST")
    if risks.should_notify(kind, host_id, repeat_after=EVENT_INTERVAL):
        transaction = Transaction()
        event_log.append(
            transaction, host.owner_id, EventType(f"host.{kind}"), host_id,
            reason=EventReason(kind), actor=host_id, at=clock.now(), detail=detail,
        )  # fmt: skip
        transaction.commit()
    risks.report(kind, host_id, severity=severity, owner_id=host.owner_id, detail=detail)
