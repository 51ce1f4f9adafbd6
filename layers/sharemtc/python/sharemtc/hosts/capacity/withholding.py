"""What a host offers and does not have any more: taken off the market with the heartbeat that says so, and put back.

For sale is the smaller of what is offered and what is reported, less what is leased. So that selling, giving back and
reports may come in any order, a free count is lowered by what is missing, also below zero: that is what is leased and
not there. The owner's offer stays as it is, and holds again once it is reported again.
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
    """What is withheld from now on, what of it is leased nevertheless, and which GPUs went or came back."""

    offered: Slice
    withheld: Slice
    overdrawn: Slice
    gone: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()
    gpus_known: bool = True

    @property
    def sentence(self) -> str:
        """What there is to say about it."""
        if self.withheld.is_empty:
            return f"All that is on offer is reported: {self.offered}."
        told = f"Reported are {self.offered.less(self.withheld)} of the {self.offered} on offer."
        if self.withheld.gpu_uuids:
            why = "Missing or partitioned" if self.gpus_known else "The driver cannot be asked for"
            told += f" {why}: {', '.join(sorted(self.withheld.gpu_uuids))}."
        return told if self.overdrawn.is_empty else f"{told} Leased of what is missing: {self.overdrawn}."


def add(
    transaction: Transaction, host: Host, capacity: Capacity, inventory: Inventory, *, heard_at: datetime
) -> Change | None:
    """Withhold what `inventory` lacks of what is offered, and no more than that; None when nothing changes.

    `host` still has its inventory of before. Refused: `WriteConflict`.
    """
    sold, before, there = offering.offered(capacity, host), offering.withheld(capacity), offering.reported_in(inventory)
    after, taken = sold.less(there), offering.leased(capacity, host)
    if after == before and capacity.offered_vcpus is not None:
        return None
    actions = offering.withhold(after)
    for name in COUNTERS:
        actions += change_free(name, getattr(before, name) - getattr(after, name))
    if capacity.offered_vcpus is None:
        actions += _offer_of_before(sold)
    transaction.update(capacity, actions, offering.unmoved(capacity), refused=WriteConflict())
    if after == before:
        return None
    gone, back = after.gpu_uuids - before.gpu_uuids, before.gpu_uuids - after.gpu_uuids
    listed = frozenset(gpu.uuid for gpu in inventory.gpus)
    change = Change(sold, after, taken.less(there), gone, back, inventory.gpus_known)
    _add_events(transaction, host, change, listed, heard_at)
    return change


def tell(host: Host, change: Change | None) -> None:
    """Let operators know of it, after it was written."""
    if change is None:
        return
    for uuid in sorted(change.gone if change.gpus_known else ()):
        detail = f"{host.name} offers it and does not report it any more, or reports it as partitioned."
        risks.report(RiskKind.DEVICE_GONE, uuid, severity=Severity.CRITICAL, owner_id=host.owner_id, detail=detail)
    for uuid in sorted(change.back):
        risks.resolve(RiskKind.DEVICE_GONE, uuid)
    if change.withheld.is_empty:
        risks.resolve(RiskKind.CAPACITY_SHORT, host.id)
        return
    severity = Severity.WARNING if change.overdrawn.is_empty else Severity.CRITICAL
    risks.report(RiskKind.CAPACITY_SHORT, host.id, severity=severity, owner_id=host.owner_id, detail=change.sentence)


def check(host: Host) -> tuple[bool, str]:
    """Whether the host has all that it offers, as it last said, and what is missing."""
    capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
    sold, missing = offering.offered(capacity, host), offering.withheld(capacity)
    there = offering.reported(host)
    overdrawn = offering.leased(capacity, host).less(there)
    change = Change(sold, missing, overdrawn, gpus_known=host.inventory.gpus_known)
    return missing.is_empty, change.sentence


def settle(host: Host, before: Slice) -> None:
    """The owner has offered what there is: nothing is missing any more of what was withheld before."""
    risks.resolve(RiskKind.CAPACITY_SHORT, host.id)
    for uuid in sorted(before.gpu_uuids):
        risks.resolve(RiskKind.DEVICE_GONE, uuid)


def _offer_of_before(sold: Slice) -> list[Action]:
    """A host that joined before its offer was kept: it was what it reported until now."""
    actions: list[Action] = [getattr(Capacity, f"offered_{name}").set(getattr(sold, name)) for name in COUNTERS]
    return [*actions, Capacity.offered_gpus.set(set(sold.gpu_uuids))] if sold.gpu_uuids else actions


def _add_events(
    transaction: Transaction, host: Host, change: Change, listed: frozenset[str], heard_at: datetime
) -> None:
    report = CapacityReport(
        offered=Amounts.model_validate(change.offered),
        missing=Amounts.model_validate(change.withheld),
        overdrawn=Amounts.model_validate(change.overdrawn),
    )
    told: list[tuple[EventType, EventReason, EventData]] = [
        (EventType.HOST_CAPACITY_RESTORED, EventReason.REPORTED, report)
        if change.withheld.is_empty
        else (EventType.HOST_CAPACITY_SHORT, EventReason.REPORTED_LESS, report)
    ]
    if change.gone:
        gone = Devices(uuids=sorted(change.gone), last_reported_at=heard_at)
        told.insert(0, (EventType.HOST_DEVICE_GONE, _why_gone(change, listed), gone))
    if change.back:
        back = Devices(uuids=sorted(change.back), last_reported_at=None)
        told.append((EventType.HOST_DEVICE_BACK, EventReason.REPORTED, back))
    for type, reason, data in told:
        event_log.append(
            transaction, host.owner_id, type, host.id,
            reason=reason, actor=host.id, at=clock.now(), detail=change.sentence, data=data,
        )  # fmt: skip


def _why_gone(change: Change, listed: frozenset[str]) -> EventReason:
    if not change.gpus_known:
        return EventReason.DRIVER_UNREADABLE
    return EventReason.PARTITIONED if change.gone <= listed else EventReason.NOT_REPORTED
