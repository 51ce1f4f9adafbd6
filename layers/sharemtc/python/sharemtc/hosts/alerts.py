"""What a host does that its owner and the operators are told at once."""

from __future__ import annotations

from datetime import timedelta

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.table import Host, host_key
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.transactions import Transaction

# what goes on is one event, until it has paused for so long
TOLD_AGAIN = timedelta(minutes=10)


def send(host_id: str, kind: RiskKind, detail: str, *, severity: Severity = Severity.CRITICAL) -> None:
    """Count it as a risk, and make it an event of the host's owner when it is news."""
    host = Host.get(host_key(host_id), "HOST")
    if risks.should_notify(kind, host_id, repeat_after=TOLD_AGAIN):
        transaction = Transaction()
        event_log.append(
            transaction, host.owner_id, EventType(f"host.{kind}"), host_id,
            reason=EventReason(kind), actor=host_id, at=clock.now(), detail=detail,
        )  # fmt: skip
        transaction.commit()
    risks.report(kind, host_id, severity=severity, owner_id=host.owner_id, detail=detail)
