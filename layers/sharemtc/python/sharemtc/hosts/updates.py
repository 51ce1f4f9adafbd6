"""Changes to a host by its owner or an operator; each is refused if the host changed since it was read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import MaintenanceWindow
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts import transitions
from sharemtc.hosts.kinds import CloudType
from sharemtc.hosts.schemas import HostChange, MaintenanceSet
from sharemtc.hosts.state_changes import HostStateConflict
from sharemtc.hosts.states import Maintenance, StateReason
from sharemtc.hosts.table import Host, unchanged
from sharemtc.problems import FieldError, Invalid
from sharemtc.requests import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind
from sharemtc.storage.transactions import Transaction, retry_on_conflict

MAX_WINDOW = timedelta(days=30)
MAX_AHEAD = timedelta(days=366)


def change_host(host: Host, change: HostChange, if_match: IfMatch, *, actor: str) -> Host:
    """Change the fields that the owner sent; returns the changed host.

    Errors: `PreconditionFailed`, `Invalid` naming a time, `HostEnded`, `HeldByOperator`.
    """
    changed = ", ".join(sorted(change.model_fields_set - {"draining"}))

    def decide() -> None:
        host.refresh(consistent_read=True)
        if_match.require(host.version)
        transitions.open_capacity(host)
        transaction = Transaction()
        actions = _settings(change)
        if "maintenance" in change.model_fields_set:
            actions.append(_window(host, change.maintenance, by_operator=False))
            _announce(transaction, host, change.maintenance, actor=actor)
        _commit(transaction, host, actions, change.draining, actor=actor, by_operator=False, detail=changed)

    retry_on_conflict(decide)
    transitions.settle(host)
    return host


def decide_for_host(
    host: Host,
    if_match: IfMatch,
    *,
    actor: str,
    reason: str,
    draining: bool | None = None,
    cloud_type: CloudType | None = None,
    maintenance: MaintenanceSet | None = None,
    end_maintenance: bool = False,
    banned: bool | None = None,
    also: Callable[[Transaction], None] = lambda _: None,
) -> Host:
    """Store an operator's decision with its reason; the owner cannot undo it.

    A ban is stored here; the host's state follows in `admin.enforcement`. `also` adds writes to the transaction, and
    may be called again after a conflict.

    Errors: `PreconditionFailed`, `Invalid` naming a time, `HostEnded`.
    """

    def decide() -> None:
        host.refresh(consistent_read=True)
        if_match.require(host.version)
        transaction = Transaction()
        actions: list[Action] = [] if cloud_type is None else [Host.cloud_type.set(cloud_type)]
        if maintenance is not None or end_maintenance:
            actions.append(_window(host, maintenance, by_operator=True))
            _announce(transaction, host, maintenance, actor=actor)
        if banned is None:
            transitions.open_capacity(host)
        else:
            transitions.demand_not_retired(host)
            actions.append(Host.ban_reason.set(reason) if banned else Host.ban_reason.remove())
        _commit(transaction, host, actions, draining, actor=actor, by_operator=True, detail=reason, also=also)

    retry_on_conflict(decide)
    transitions.settle(host)
    return host


def _commit(
    transaction: Transaction,
    host: Host,
    actions: list[Action],
    draining: bool | None,
    *,
    actor: str,
    by_operator: bool,
    detail: str,
    also: Callable[[Transaction], None] = lambda _: None,
) -> None:
    now = clock.now()
    reason = StateReason.OPERATOR if by_operator else StateReason.PROVIDER
    if draining:
        transitions.add_drain(transaction, host, reason=reason, actor=actor, at=now, detail=detail)
    elif draining is False:
        transitions.add_resume(transaction, host, actor=actor, at=now, by_operator=by_operator, detail=detail)
    if actions:
        event_log.append(
            transaction, host.owner_id, EventType.HOST_CHANGED, host.id,
            reason=EventReason(reason), actor=actor, at=now, detail=detail,
        )  # fmt: skip
    actions = [*actions, Host.version.set(host.version + 1)]
    transaction.update(host, actions, unchanged(host), refused=HostStateConflict())
    also(transaction)
    transaction.commit()
    if draining is False:
        risks.resolve(RiskKind.STARTS_FAILING, host.id)
    host.refresh(consistent_read=True)


def _settings(change: HostChange) -> list[Action]:
    actions: list[Action] = []
    if change.name is not None:
        actions.append(Host.name.set(change.name))
    if change.region is not None:
        actions.append(Host.region.set(change.region))
    if change.labels is not None:
        actions.append(Host.labels.set(dict(change.labels)))
    if change.network is not None and change.network.volume is not None:
        actions.append(Host.network_volume.set(change.network.volume))
    if change.network is not None and change.network.global_networking is not None:
        actions.append(Host.global_networking.set(change.network.global_networking))
    return actions


def _announce(transaction: Transaction, host: Host, wanted: MaintenanceSet | None, *, actor: str) -> None:
    """Record the window, or its end, as an event: the reliability score excludes maintenance announced ahead."""
    type = EventType.HOST_MAINTENANCE_WITHDRAWN if wanted is None else EventType.HOST_MAINTENANCE_ANNOUNCED
    window = None if wanted is None else MaintenanceWindow(starts_at=wanted.starts_at, ends_at=wanted.ends_at)
    event_log.append(
        transaction, host.owner_id, type, host.id,
        reason=EventReason.MAINTENANCE, actor=actor, at=clock.now(), data=window,
    )  # fmt: skip


def _window(host: Host, wanted: MaintenanceSet | None, *, by_operator: bool) -> Action:
    """Set or remove the host's window. Errors: `HeldByOperator`, `Invalid` naming the wrong time."""
    now = clock.now()
    known = host.maintenance
    if known is not None and known.by_operator and known.ends_at > now and not by_operator:
        raise transitions.HeldByOperator
    if wanted is None:
        return Host.maintenance.remove()
    starts_at, ends_at = (clock.from_ms(clock.to_ms(at)) for at in (wanted.starts_at, wanted.ends_at))
    error = None
    if ends_at <= max(starts_at, now):
        error = FieldError("/maintenance/ends_at", "order", "A window must end after it starts, and in the future.")
    elif ends_at - starts_at > MAX_WINDOW:
        error = FieldError("/maintenance/ends_at", "too_long", f"A window may last at most {MAX_WINDOW.days} days.")
    elif starts_at > now + MAX_AHEAD:
        error = FieldError("/maintenance/starts_at", "too_far", "A window must start within a year.")
    if error is not None:
        raise Invalid(errors=(error,))
    return Host.maintenance.set(Maintenance(starts_at, ends_at, wanted.reason, by_operator))
