"""Heartbeats, compared with the host's snapshot, which one query reads.

An unchanged heartbeat costs at most one small write: it renews the lease, or joins the process's batch
(`heartbeat_batches`) under load. A heartbeat that changes something (workloads, state, inventory, agent instance,
commands to lease) or ends a gap is also compared with the batches, and written to the lease in one transaction with the
gaps that it ends. Each write of the lease requires a higher sequence than the stored one.

A heartbeat counts for the instant at which it was signed. The offset of the host's clock is known from earlier
heartbeats, so a delayed or replayed token cannot make its host look alive later than it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.hosts import alerts
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.commands.table import Waiting
from sharemtc.hosts.inventory.descriptions import Description
from sharemtc.hosts.inventory.service import describe
from sharemtc.hosts.liveness import continuity, heartbeat_batches, heartbeat_parts
from sharemtc.hosts.liveness.heartbeat_batches import LastHeartbeat, later
from sharemtc.hosts.liveness.leases import MAX_LEASE_AGE_S, gap_after, is_current
from sharemtc.hosts.liveness.sequences import StaleSequence
from sharemtc.hosts.liveness.snapshots import HostSnapshot, read_snapshot, stored_list
from sharemtc.hosts.state_changes import HostClosed, change_state
from sharemtc.hosts.states import CLOSED, HostState, StateReason
from sharemtc.hosts.table import LEASE, Capacity, GapRecord, Host, Lease, host_key
from sharemtc.hosts.values import Gap
from sharemtc.problems import Conflict, FieldError
from sharemtc.risks.kinds import RiskKind
from sharemtc.settings import settings
from sharemtc.storage.failures import Busy
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import AgentClaims, Heartbeat, Workload

RETURNING = frozenset({HostState.ENROLLED, HostState.SUSPECT, HostState.OFFLINE})
# `iat` is in whole seconds, and one request may take longer than another
USUAL_DELAY_MS = 3_000
# a heartbeat delayed by more changes nothing but the known offset of the host's clock
MAX_DELAY_MS = 10_000
# a new instance's first heartbeat and the old one's last may be in transit at once
TAKEOVER_S = 5
MAX_SUPERSEDED = 8
# accrual that is this late still finds every gap
GAP_RETENTION = timedelta(days=90)
# figures are measured before they are sent, so later ones come from a wrong clock
MAX_FIGURES_LEAD = timedelta(minutes=1)
NEVER = clock.from_ms(0)


class KeyCopied(Conflict):
    """A replaced agent instance sends again, so two machines hold one key. Nothing changes."""

    code, title = "key_copied", "This host's key is in use on another machine"


class _StaleSnapshot(Exception):
    """Another writer was first, or the snapshot was stale."""


@dataclass(frozen=True)
class HeartbeatOutcome:
    """A heartbeat's workloads, whether they changed, the commands to lease, and the errors of its invalid parts."""

    workloads: tuple[Workload, ...] = ()
    workloads_changed: bool = False
    waiting: tuple[Waiting, ...] = ()
    problems: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class _Received:
    """A heartbeat with its token's claims, and when it was signed by our clock."""

    host_id: str
    claims: AgentClaims
    beat: Heartbeat
    now: datetime
    signed_at: datetime
    delay_ms: int


def heartbeat(host_id: str, claims: AgentClaims, beat: Heartbeat) -> HeartbeatOutcome:
    """Record a heartbeat with one read, and at most one small write if it is unchanged.

    Errors: `StaleSequence`; `KeyCopied`; `HostClosed`.
    """
    loaded = heartbeat_batches.buffer().is_loaded(clock.to_ms(clock.now()))
    try:
        return _record(read_snapshot(host_id), host_id, claims, beat, loaded)
    except _StaleSnapshot:
        pass
    try:
        return _record(read_snapshot(host_id, consistent=True), host_id, claims, beat, loaded)
    except _StaleSnapshot as error:
        raise StaleSequence from error


def _record(
    snapshot: HostSnapshot, host_id: str, claims: AgentClaims, beat: Heartbeat, loaded: bool
) -> HeartbeatOutcome:
    here, key, now = heartbeat_batches.buffer(), heartbeat_batches.key_of(host_id), clock.now()
    if snapshot.state in CLOSED:
        raise HostClosed
    _demand_own_key(host_id, snapshot, claims, beat)
    known, batched = snapshot.last_heartbeat, here.heartbeat_of(key)
    known = known if batched is None else later(known, batched)
    if claims.seq <= known.seq:
        raise StaleSequence(last_seq=known.seq)
    problems, description = heartbeat_parts.problems_of(beat), heartbeat_parts.description_of(beat)
    if problems:
        beat = beat.model_copy(update={"workloads": heartbeat_parts.workloads_of(beat, snapshot.lease.workloads)})
    beat, untimely = _not_in_future(now, beat)
    problems += untimely
    received = _timed(host_id, claims, beat, snapshot, now)
    if received.delay_ms > MAX_DELAY_MS:
        known = _demand_newest(snapshot, received, known)
        gap = _gap(known, received)
        _write(snapshot, received, known, [], [] if gap is None else [gap])
        return HeartbeatOutcome(beat.workloads, problems=problems)
    changed = snapshot.workloads_differ(beat.workloads)
    waiting = tuple(one for one in snapshot.waiting if commands.can_be_leased(one, now))
    returning = snapshot.state in RETURNING
    new_start, gap = beat.instance != snapshot.instance, _gap(known, received)
    if changed or waiting or returning or new_start or description is not None or gap is not None:
        known = _demand_newest(snapshot, received, known)
        host = Host.get(host_key(host_id), "HOST", consistent_read=True) if returning or description else None
        if host is not None and description is not None:
            problems += _update_inventory(host, description, clock.from_ms(known.at_ms) if known.seq else now)
        _write(
            snapshot,
            received,
            known,
            _changes(snapshot.lease, received, known, changed),
            _gaps(snapshot.lease, received, known),
        )
        if host is not None and returning:
            _return(host, snapshot.capacity, known, now)
        return HeartbeatOutcome(beat.workloads, changed, waiting, problems)
    now_ms = clock.to_ms(now)
    if now_ms - known.at_ms > settings().heartbeat_interval_s * 500:
        if loaded and not _is_old(snapshot, key, now_ms):
            here.add(key, LastHeartbeat(claims.seq, clock.to_ms(received.signed_at)), now_ms)
            return HeartbeatOutcome(beat.workloads, problems=problems)
        _write(snapshot, received, known, [])
    here.write_due(now_ms)
    return HeartbeatOutcome(beat.workloads, problems=problems)


def _not_in_future(now: datetime, beat: Heartbeat) -> tuple[Heartbeat, tuple[FieldError, ...]]:
    """The heartbeat with the time of arrival in place of a future `captured_at`, and the error for that."""
    if beat.figures.captured_at <= now + MAX_FIGURES_LEAD:
        return beat, ()
    figures = beat.figures.model_copy(update={"captured_at": now})
    message = "This is in the future. The time of arrival is used instead."
    return beat.model_copy(update={"figures": figures}), (FieldError("/figures/captured_at", "untimely", message),)


def _update_inventory(host: Host, description: Description, previous_heartbeat_at: datetime) -> tuple[FieldError, ...]:
    """Update the inventory; returns the errors of its invalid parts. They never reject the heartbeat."""
    try:
        return describe(host, description, previous_heartbeat_at=previous_heartbeat_at)
    except (WriteConflict, Busy):
        busy = "Another change is in progress. Send it again."
        return (FieldError("/inventory", "busy", busy),)


def _gap(known: LastHeartbeat, received: _Received) -> Gap | None:
    """The gap that this heartbeat ends, if any."""
    # measured by its arrival, not its signature: else a host could bridge a silence with heartbeats signed afterwards
    at, silent_ms = _counted_at(received, known), clock.to_ms(received.now) - known.at_ms
    if not known.seq or not received.beat.workloads or clock.to_ms(at) <= known.at_ms:
        return None  # a workload that is not listed is not billed past the previous heartbeat anyway
    if silent_ms <= settings().host_suspect_after_s * 1000:
        return None
    return Gap(clock.from_ms(known.at_ms), max(at, received.now))


def _counted_at(received: _Received, known: LastHeartbeat) -> datetime:
    """The instant for which a heartbeat counts: when it was signed, but not before the previous heartbeat."""
    return max(received.signed_at, clock.from_ms(known.at_ms)) if known.seq else received.signed_at


def _timed(host_id: str, claims: AgentClaims, beat: Heartbeat, snapshot: HostSnapshot, now: datetime) -> _Received:
    """When the heartbeat was signed: its token's time corrected by the host's clock offset, at most `now`."""
    delay_ms, offset_ms = 0, snapshot.number("clock_offset_ms")
    if offset_ms is not None and snapshot.instance == beat.instance:
        delay_ms = max(0, clock.to_ms(now) - (claims.iat * 1000 + offset_ms + USUAL_DELAY_MS))
    return _Received(host_id, claims, beat, now, now - timedelta(milliseconds=delay_ms), delay_ms)


def _is_old(snapshot: HostSnapshot, key: bytes, now_ms: int) -> bool:
    """Whether the lease itself must be written again, spread over time among hosts that enrolled together."""
    spread_ms = key[-1] * MAX_LEASE_AGE_S * 1000 // 1024
    return now_ms - snapshot.last_heartbeat.at_ms >= MAX_LEASE_AGE_S * 1000 - spread_ms


def _demand_newest(snapshot: HostSnapshot, received: _Received, known: LastHeartbeat) -> LastHeartbeat:
    """The host's previous heartbeat, including the batches of all processes. Errors: `StaleSequence`.

    A replay that gets here is at most `MAX_DELAY_MS` old, so its original is in a batch read here, or was lost and
    changed nothing.
    """
    if not is_current(snapshot.capacity, snapshot.lease, received.now):
        best = heartbeat_batches.last_heartbeat(received.host_id)
        known = known if best is None else later(known, best)
    if received.claims.seq <= known.seq:
        raise StaleSequence(last_seq=known.seq)
    return known


def _return(host: Host, capacity: Capacity, known: LastHeartbeat, now: datetime) -> None:
    window = host.maintenance is not None and host.maintenance.covers(now)
    state = HostState.MAINTENANCE if window else HostState.READY
    change_state(host, capacity, state, reason=StateReason.HEARTBEAT, actor=host.id, at=now, data=gap_after(known))


def _changes(lease: Lease, received: _Received, known: LastHeartbeat, changed: bool) -> list[Action]:
    """The lease attributes that this heartbeat changes."""
    actions: list[Action] = []
    if received.beat.instance != lease.instance:
        past = {**lease.superseded, **({lease.instance: received.claims.iat} if lease.instance else {})}
        kept = sorted(past.items(), key=lambda item: item[1])[-MAX_SUPERSEDED:]
        actions += [Lease.instance.set(received.beat.instance), Lease.superseded.set(dict(kept))]
    if changed:
        before, reported = clock.from_ms(known.at_ms) if known.seq else received.now, received.beat.workloads
        running = continuity.last_seen(
            lease.last_running, continuity.running_ids(lease.workloads), continuity.running_ids(reported), before
        )
        listed = continuity.last_seen(
            lease.last_listed, continuity.ids_of(lease.workloads), continuity.ids_of(reported), before
        )
        actions += [Lease.workloads.set(stored_list(reported))]
        actions += [Lease.last_running.set(running), Lease.last_listed.set(listed)]
    return actions


def _gaps(lease: Lease, received: _Received, known: LastHeartbeat) -> list[Gap]:
    """The gaps that this heartbeat ends: of the whole host, and of the workloads that run again."""
    found, before, at = [], clock.from_ms(known.at_ms), _counted_at(received, known)
    gap = _gap(known, received)
    if gap is not None:
        began_ms = continuity.uptime_starts_ms(received.beat.workloads, received.claims.iat * 1000)
        proven = continuity.ran_through(lease.workloads, lease.uptime_starts_ms, received.beat.workloads, began_ms)
        found.append(gap._replace(proven=proven))
    resumed = sorted(continuity.running_ids(received.beat.workloads) - continuity.running_ids(lease.workloads))
    for since in sorted({lease.last_running.get(id, NEVER) for id in resumed}) if known.seq else ():
        only = tuple(id for id in resumed if lease.last_running.get(id, NEVER) == since)
        found.append(Gap(since, at, only=only, absent_at=before))
    return found


def _write(
    snapshot: HostSnapshot, received: _Received, known: LastHeartbeat, changes: list[Action], gaps: Sequence[Gap] = ()
) -> None:
    """Write the heartbeat with the gaps that it ends, if it is newer than the stored one and the instance is the same.

    `changes` derive from what was read, so they require that nothing was written since.
    """
    late = received.delay_ms > MAX_DELAY_MS
    signed_at = _counted_at(received, known)
    if late and known.seq and snapshot.workloads_differ(received.beat.workloads):
        signed_at = clock.from_ms(known.at_ms)  # its list is not stored, so it proves nothing about the stored one
    began_ms = continuity.uptime_starts_ms(received.beat.workloads, received.claims.iat * 1000)
    if not late and continuity.have_changed(snapshot.uptime_starts_ms, began_ms):
        changes = [*changes, Lease.uptime_starts_ms.set(began_ms)]
    actions: list[Action] = [
        Lease.seq.set(received.claims.seq),
        Lease.last_seen_at.set(signed_at),
        Lease.figures.set(received.beat.figures),
        Lease.clock_offset_ms.set(clock.to_ms(received.now) - received.claims.iat * 1000),
        *changes,
    ]
    if gaps:
        actions.append(Lease.last_gap_at.set(max(gap.ended_at for gap in gaps)))
    same: Condition = (
        Lease.instance.does_not_exist() if snapshot.instance is None else Lease.instance == snapshot.instance
    )
    newer = Lease.seq.does_not_exist() | (Lease.seq < received.claims.seq)
    if changes or gaps:
        stored_seq = snapshot.number("seq")
        newer = Lease.seq == stored_seq if stored_seq else Lease.seq.does_not_exist() | (Lease.seq == 0)
    _store(received, actions, newer & same, gaps)


def _store(received: _Received, actions: list[Action], condition: Condition, gaps: Sequence[Gap]) -> None:
    key = host_key(received.host_id)
    if gaps:
        transaction = Transaction()
        transaction.update(Lease(key, LEASE), actions, condition, refused=StaleSequence())
        place = f"GAP#{max(clock.to_ms(gap.ended_at) for gap in gaps):013d}#{received.claims.seq}"
        transaction.create(GapRecord(key, place, gaps=tuple(gaps), expires_at=received.now + GAP_RETENTION))
        try:
            transaction.commit()
        except StaleSequence as error:
            raise _StaleSnapshot from error
        return
    if not Lease(key, LEASE).update_if(actions, condition):
        raise _StaleSnapshot


def _demand_own_key(host_id: str, snapshot: HostSnapshot, claims: AgentClaims, beat: Heartbeat) -> None:
    """Errors: `KeyCopied` when the sending instance was replaced before it signed this."""
    replaced_s = snapshot.replaced_s(beat.instance)
    if replaced_s is None or claims.iat <= replaced_s + TAKEOVER_S:
        return
    detail = "Two machines use this host's key. Stop the agent on one of them and enroll it again."
    alerts.send(host_id, RiskKind.KEY_COPIED, detail)
    raise KeyCopied(detail)
