"""Offered capacity that a host no longer has: withheld while the host does not report it.

A heartbeat that reports less withholds it, one that reports it again releases it. On sale is the smaller of what is
offered and what is reported, less what is leased. Withholding lowers the free counters by what is missing, also below
zero (leased but missing), so that leases, returns and reports may come in any order. The owner's offer stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import Amounts, CapacityReport, Devices, EventData
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.capacity.slices import COUNTERS, change_free
from sharemtc.hosts.table import Capacity, Host
from sharemtc.resources import Slice
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import Inventory


@dataclass(frozen=True)
class Change:
    """What is withheld now, what of it is leased, and which GPUs went missing or came back."""

    offered: Slice
    withheld: Slice
    overdrawn: Slice
    gone: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()
    gpus_known: bool = True

    @property
    def sentence(self) -> str:
        if self.withheld.is_empty:
            return f"All offered capacity is reported: {self.offered}."
        sentence = f"The host reports {self.offered.less(self.withheld)} of the {self.offered} offered."
        if self.withheld.gpu_uuids:
            cause = "Missing or partitioned" if self.gpus_known else "Unknown because the driver does not respond"
            sentence += f" {cause}: {', '.join(sorted(self.withheld.gpu_uuids))}."
        return sentence if self.overdrawn.is_empty else f"{sentence} Missing but leased: {self.overdrawn}."


def add_change(
    transaction: Transaction, host: Host, capacity: Capacity, inventory: Inventory, *, previous_heartbeat_at: datetime
) -> Change | None:
    """Withhold exactly what `inventory` lacks of what is offered; None when nothing changes.

    `host` holds its previous inventory. Refused: `WriteConflict`.
    """
    sold, before, reported = (
        offering.offered(capacity, host),
        offering.withheld(capacity),
        offering.reported_in(inventory),
    )
    after, taken = sold.less(reported), offering.leased(capacity, host)
    if after == before and capacity.offered_vcpus is not None:
        return None
    actions = offering.withhold(after)
    for name in COUNTERS:
        actions += change_free(name, getattr(before, name) - getattr(after, name))
    if capacity.offered_vcpus is None:
        actions += _first_offer(sold)
    transaction.update(capacity, actions, offering.unchanged_offer(capacity), refused=WriteConflict())
    if after == before:
        return None
    gone, back = after.gpu_uuids - before.gpu_uuids, before.gpu_uuids - after.gpu_uuids
    listed = frozenset(gpu.uuid for gpu in inventory.gpus)
    change = Change(sold, after, taken.less(reported), gone, back, inventory.gpus_known)
    _add_events(transaction, host, change, listed, previous_heartbeat_at)
    return change


def update_risks(host: Host, change: Change | None) -> None:
    """Open and resolve operators' risks after the change was written."""
    if change is None:
        return
    for uuid in sorted(change.gone if change.gpus_known else ()):
        detail = f"{host.name} offers this GPU but no longer reports it, or reports it as partitioned."
        risks.report(RiskKind.DEVICE_GONE, uuid, severity=Severity.CRITICAL, owner_id=host.owner_id, detail=detail)
    for uuid in sorted(change.back):
        risks.resolve(RiskKind.DEVICE_GONE, uuid)
    if change.withheld.is_empty:
        risks.resolve(RiskKind.CAPACITY_SHORT, host.id)
        return
    severity = Severity.WARNING if change.overdrawn.is_empty else Severity.CRITICAL
    risks.report(RiskKind.CAPACITY_SHORT, host.id, severity=severity, owner_id=host.owner_id, detail=change.sentence)


def check(host: Host) -> tuple[bool, str]:
    """Whether the host has everything that it offers, as last reported, and a sentence on what is missing."""
    capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
    sold, missing = offering.offered(capacity, host), offering.withheld(capacity)
    overdrawn = offering.leased(capacity, host).less(offering.reported(host))
    change = Change(sold, missing, overdrawn, gpus_known=host.inventory.gpus_known)
    return missing.is_empty, change.sentence


def resolve_risks(host: Host, before: Slice) -> None:
    """Resolve the risks of what was withheld before: the owner now offers what is reported."""
    risks.resolve(RiskKind.CAPACITY_SHORT, host.id)
    for uuid in sorted(before.gpu_uuids):
        risks.resolve(RiskKind.DEVICE_GONE, uuid)


def _first_offer(sold: Slice) -> list[Action]:
    """For a host that enrolled before offers were stored: it offered what it reported."""
    actions: list[Action] = [getattr(Capacity, f"offered_{name}").set(getattr(sold, name)) for name in COUNTERS]
    return [*actions, Capacity.offered_gpus.set(set(sold.gpu_uuids))] if sold.gpu_uuids else actions


def _add_events(
    transaction: Transaction, host: Host, change: Change, listed: frozenset[str], previous_heartbeat_at: datetime
) -> None:
    report = CapacityReport(
        offered=Amounts.model_validate(change.offered),
        missing=Amounts.model_validate(change.withheld),
        overdrawn=Amounts.model_validate(change.overdrawn),
    )
    events: list[tuple[EventType, EventReason, EventData]] = [
        (EventType.HOST_CAPACITY_RESTORED, EventReason.REPORTED, report)
        if change.withheld.is_empty
        else (EventType.HOST_CAPACITY_SHORT, EventReason.REPORTED_LESS, report)
    ]
    if change.gone:
        gone = Devices(uuids=sorted(change.gone), last_reported_at=previous_heartbeat_at)
        events.insert(0, (EventType.HOST_DEVICE_GONE, _why_gone(change, listed), gone))
    if change.back:
        back = Devices(uuids=sorted(change.back), last_reported_at=None)
        events.append((EventType.HOST_DEVICE_BACK, EventReason.REPORTED, back))
    for type, reason, data in events:
        event_log.append(
            transaction, host.owner_id, type, host.id,
            reason=reason, actor=host.id, at=clock.now(), detail=change.sentence, data=data,
        )  # fmt: skip


def _why_gone(change: Change, listed: frozenset[str]) -> EventReason:
    if not change.gpus_known:
        return EventReason.DRIVER_UNREADABLE
    return EventReason.PARTITIONED if change.gone <= listed else EventReason.NOT_REPORTED
