"""The heartbeat: read against what is known of its host by one query.

A heartbeat that tells nothing new costs at most one small write: it renews the lease, or joins its process' batch
(`hearing`) when many come in. One that changes anything (workloads, state, description, a new start of the agent,
commands to hand out) or ends a gap is checked against the batches too, and written to the lease, in one transaction
with the gaps that it ends. Each write of the lease demands that the sequence is higher than the one stored there.

A heartbeat counts for the instant at which it was signed: how far the host's clock is off is known from earlier ones,
so a token that was held back or sent again cannot make its host look alive later than it was.
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
from sharemtc.hosts.liveness.leases import MAX_LEASE_AGE_S, gap_after, settled
from sharemtc.hosts.liveness.sequences import StaleSequence
from sharemtc.hosts.liveness.snapshots import HostSnapshot, read_snapshot, stored_list
from sharemtc.hosts.moves import HostClosed, move
from sharemtc.hosts.states import CLOSED, HostState, StateReason
from sharemtc.hosts.table import LEASE, Capacity, GapRecord, Host, Lease, host_key
from sharemtc.hosts.values import Gap
from sharemtc.problems import Conflict, FieldError
from sharemtc.risks.kinds import RiskKind
from sharemtc.settings import settings
from sharemtc.storage.failures import Busy
from sharemtc.storage.transactions import Transaction, WriteConflict
from sharemtc.wire import AgentClaims, Heartbeat, Workload, WorkloadState

RETURNING = frozenset({HostState.ENROLLED, HostState.SUSPECT, HostState.OFFLINE})
# `iat` is in whole seconds, and one request may take longer than another
USUAL_DELAY_MS = 3_000
# a heartbeat that comes later than this changes nothing; it only corrects what is known of the host's clock
MAX_DELAY_MS = 10_000
# a successor's first heartbeat and the last of its predecessor may be under way at once
TAKEOVER_S = 5
MAX_SUPERSEDED = 8
MAX_LAST_SEEN = 200
# accrual may be late by so much and still finds every gap
GAPS_KEPT = timedelta(days=90)
# figures are measured before they are sent, so one that is later than this was told the wrong time
FIGURES_AHEAD = timedelta(minutes=1)
NEVER = clock.from_ms(0)


class KeyCopied(Conflict):
    """An agent that another start of it has replaced speaks again: two machines hold one key. Nothing changes."""

    code, title = "key_copied", "This host's key is in use on another machine"


class _Overtaken(Exception):
    """Another writer was first, or what was read lagged behind."""


@dataclass(frozen=True)
class HeartbeatOutcome:
    """What a heartbeat came to: its workloads, whether they changed, commands to hand out, and what was refused."""

    workloads: tuple[Workload, ...] = ()
    workloads_changed: bool = False
    waiting: tuple[Waiting, ...] = ()
    problems: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class _Received:
    """A heartbeat with what its token says, and when it was spoken by our clock."""

    host_id: str
    claims: AgentClaims
    beat: Heartbeat
    now: datetime
    spoken_at: datetime
    delay_ms: int


def heartbeat(host_id: str, claims: AgentClaims, beat: Heartbeat) -> HeartbeatOutcome:
    """Take a host's heartbeat: one read, and at most one small write when it tells nothing new.

    Errors: `StaleSequence`; `KeyCopied`; `HostClosed`.
    """
    loaded = heartbeat_batches.buffer().is_loaded(clock.to_ms(clock.now()))
    try:
        return _take(read_snapshot(host_id), host_id, claims, beat, loaded)
    except _Overtaken:
        pass
    try:
        return _take(read_snapshot(host_id, consistent=True), host_id, claims, beat, loaded)
    except _Overtaken as error:
        raise StaleSequence from error


def _take(snapshot: HostSnapshot, host_id: str, claims: AgentClaims, beat: Heartbeat, loaded: bool) -> HeartbeatOutcome:
    here, key, now = heartbeat_batches.buffer(), heartbeat_batches.key_of(host_id), clock.now()
    if snapshot.state in CLOSED:
        raise HostClosed
    _demand_own_key(host_id, snapshot, claims, beat)
    known, told = snapshot.last_heartbeat, here.heartbeat_of(key)
    known = known if told is None else later(known, told)
    if claims.seq <= known.seq:
        raise StaleSequence(last_seq=known.seq)
    problems, description = heartbeat_parts.problems_of(beat), heartbeat_parts.description_of(beat)
    if problems:
        beat = beat.model_copy(update={"workloads": heartbeat_parts.workloads_of(beat, snapshot.lease.workloads)})
    beat, untimely = _measured_by(now, beat)
    problems += untimely
    received = _timed(host_id, claims, beat, snapshot, now)
    if received.delay_ms > MAX_DELAY_MS:
        known = _demand_newest(snapshot, received, known)
        gap = _gap(known, received)
        _write(snapshot, received, known, [], [] if gap is None else [gap])
        return HeartbeatOutcome(beat.workloads, problems=problems)
    changed = snapshot.lists_other(beat.workloads)
    waiting = tuple(one for one in snapshot.waiting if commands.can_be_leased(one, now))
    returning = snapshot.state in RETURNING
    new_start, gap = beat.instance != snapshot.instance, _gap(known, received)
    if changed or waiting or returning or new_start or description is not None or gap is not None:
        known = _demand_newest(snapshot, received, known)
        host = Host.get(host_key(host_id), "HOST", consistent_read=True) if returning or description else None
        if host is not None and description is not None:
            problems += _described(host, description, clock.from_ms(known.at_ms) if known.seq else now)
        _write(
            snapshot,
            received,
            known,
            _news(snapshot.lease, received, known, changed),
            _gaps(snapshot.lease, received, known),
        )
        if host is not None and returning:
            _return(host, snapshot.capacity, known, now)
        return HeartbeatOutcome(beat.workloads, changed, waiting, problems)
    now_ms = clock.to_ms(now)
    if now_ms - known.at_ms > settings().heartbeat_interval_s * 500:
        if loaded and not _is_old(snapshot, key, now_ms):
            here.note(key, LastHeartbeat(claims.seq, clock.to_ms(received.spoken_at)), now_ms)
            return HeartbeatOutcome(beat.workloads, problems=problems)
        _write(snapshot, received, known, [])
    here.write_due(now_ms)
    return HeartbeatOutcome(beat.workloads, problems=problems)


def _measured_by(now: datetime, beat: Heartbeat) -> tuple[Heartbeat, tuple[FieldError, ...]]:
    """The heartbeat with figures that are not of a time to come: they are then of the time at which they arrived."""
    if beat.figures.captured_at <= now + FIGURES_AHEAD:
        return beat, ()
    figures = beat.figures.model_copy(update={"captured_at": now})
    message = "This is in the future: the figures count for the time at which they arrived."
    return beat.model_copy(update={"figures": figures}), (FieldError("/figures/captured_at", "untimely", message),)


def _described(host: Host, description: Description, heard_at: datetime) -> tuple[FieldError, ...]:
    """Take what a machine says that it is; the errors of what was not taken. It never decides whether it is heard."""
    try:
        return describe(host, description, heard_at=heard_at)
    except (WriteConflict, Busy):
        busy = "Others change the same at this moment; it is taken when sent again."
        return (FieldError("/inventory", "busy", busy),)


def _gap(known: LastHeartbeat, received: _Received) -> Gap | None:
    """The stretch without any heartbeat that this one ends."""
    # by when it came, not by when it says that it was spoken: a host might tell of a silence in steps afterwards
    at, silent_ms = _counted_at(received, known), clock.to_ms(received.now) - known.at_ms
    if not known.seq or not received.beat.workloads or clock.to_ms(at) <= known.at_ms:
        return None  # what a list leaves out is not billed past the one before, gap or not
    if silent_ms <= settings().host_suspect_after_s * 1000:
        return None
    return Gap(clock.from_ms(known.at_ms), max(at, received.now))


def _counted_at(received: _Received, known: LastHeartbeat) -> datetime:
    """The instant for which a heartbeat counts: when it was spoken, and not before the one that was known."""
    return max(received.spoken_at, clock.from_ms(known.at_ms)) if known.seq else received.spoken_at


def _timed(host_id: str, claims: AgentClaims, beat: Heartbeat, snapshot: HostSnapshot, now: datetime) -> _Received:
    """When the heartbeat was spoken: by its token's time and what is known of the host's clock, and never after now."""
    delay_ms, offset_ms = 0, snapshot.number("clock_offset_ms")
    if offset_ms is not None and snapshot.instance == beat.instance:
        delay_ms = max(0, clock.to_ms(now) - (claims.iat * 1000 + offset_ms + USUAL_DELAY_MS))
    return _Received(host_id, claims, beat, now, now - timedelta(milliseconds=delay_ms), delay_ms)


def _is_old(snapshot: HostSnapshot, key: bytes, now_ms: int) -> bool:
    """Whether the lease itself must be written again; hosts that joined together do not do it together."""
    spread_ms = key[-1] * MAX_LEASE_AGE_S * 1000 // 1024
    return now_ms - snapshot.last_heartbeat.at_ms >= MAX_LEASE_AGE_S * 1000 - spread_ms


def _demand_newest(snapshot: HostSnapshot, received: _Received, known: LastHeartbeat) -> LastHeartbeat:
    """The host's heartbeat before this one, the batches of all processes included. Errors: `StaleSequence`.

    A replay that got here is at most `MAX_DELAY_MS` old, so its original is in a batch that is read here, or is lost
    and has changed nothing.
    """
    if not settled(snapshot.capacity, snapshot.lease, received.now):
        best = heartbeat_batches.last_heartbeat(received.host_id)
        known = known if best is None else later(known, best)
    if received.claims.seq <= known.seq:
        raise StaleSequence(last_seq=known.seq)
    return known


def _return(host: Host, capacity: Capacity, known: LastHeartbeat, now: datetime) -> None:
    window = host.maintenance is not None and host.maintenance.covers(now)
    state = HostState.MAINTENANCE if window else HostState.READY
    move(host, capacity, state, reason=StateReason.HEARTBEAT, actor=host.id, at=now, data=gap_after(known))


def _news(lease: Lease, received: _Received, known: LastHeartbeat, changed: bool) -> list[Action]:
    """What a heartbeat that tells something new changes in the lease."""
    actions: list[Action] = []
    if received.beat.instance != lease.instance:
        past = {**lease.superseded, **({lease.instance: received.claims.iat} if lease.instance else {})}
        kept = sorted(past.items(), key=lambda item: item[1])[-MAX_SUPERSEDED:]
        actions += [Lease.instance.set(received.beat.instance), Lease.superseded.set(dict(kept))]
    if changed:
        before, reported = clock.from_ms(known.at_ms) if known.seq else received.now, received.beat.workloads
        running = last_seen(lease.last_running, _running(lease.workloads), _running(reported), before)
        listed = last_seen(lease.last_listed, _ids(lease.workloads), _ids(reported), before)
        actions += [Lease.workloads.set(stored_list(reported))]
        actions += [Lease.last_running.set(running), Lease.last_listed.set(listed)]
    return actions


def _gaps(lease: Lease, received: _Received, known: LastHeartbeat) -> list[Gap]:
    """The stretches that this heartbeat ends: without any heartbeat, and without those that it brings (back)."""
    found, before, at = [], clock.from_ms(known.at_ms), _counted_at(received, known)
    gap = _gap(known, received)
    if gap is not None:
        began_ms = continuity.beginnings_ms(received.beat.workloads, received.claims.iat * 1000)
        proven = continuity.ran_through(lease.workloads, lease.beginnings_ms, received.beat.workloads, began_ms)
        found.append(gap._replace(proven=proven))
    brought = sorted(_running(received.beat.workloads) - _running(lease.workloads))
    for since in sorted({lease.last_running.get(id, NEVER) for id in brought}) if known.seq else ():
        only = tuple(id for id in brought if lease.last_running.get(id, NEVER) == since)
        found.append(Gap(since, at, only=only, absent_at=before))
    return found


def _ids(workloads: tuple[Workload, ...]) -> frozenset[str]:
    return frozenset(workload.id for workload in workloads)


def _running(workloads: tuple[Workload, ...]) -> frozenset[str]:
    return _ids(tuple(workload for workload in workloads if workload.state is not WorkloadState.STOPPED))


def last_seen(
    known: dict[str, datetime], before: frozenset[str], after: frozenset[str], before_at: datetime
) -> dict[str, datetime]:
    """When each workload that is not among `after` any more was last seen.

    `before` held until `before_at`, the last heartbeat before this one. What is among `after` needs no such instant.
    """
    found = {id: at for id, at in {**known, **dict.fromkeys(before, before_at)}.items() if id not in after}
    return dict(sorted(found.items(), key=lambda item: item[1])[-MAX_LAST_SEEN:])


def _write(
    snapshot: HostSnapshot, received: _Received, known: LastHeartbeat, news: list[Action], gaps: Sequence[Gap] = ()
) -> None:
    """Write the heartbeat with the gaps that it ends, if it is newer than what is written and the agent still the same.

    News were made from what was read, so nothing may have been written since.
    """
    late = received.delay_ms > MAX_DELAY_MS
    spoken_at = _counted_at(received, known)
    if late and known.seq and snapshot.lists_other(received.beat.workloads):
        spoken_at = clock.from_ms(known.at_ms)  # what it lists is not taken over, so it proves nothing of what is
    began_ms = continuity.beginnings_ms(received.beat.workloads, received.claims.iat * 1000)
    if not late and continuity.have_moved(snapshot.beginnings_ms, began_ms):
        news = [*news, Lease.beginnings_ms.set(began_ms)]
    actions: list[Action] = [
        Lease.seq.set(received.claims.seq),
        Lease.last_seen_at.set(spoken_at),
        Lease.figures.set(received.beat.figures),
        Lease.clock_offset_ms.set(clock.to_ms(received.now) - received.claims.iat * 1000),
        *news,
    ]
    if gaps:
        actions.append(Lease.last_gap_at.set(max(gap.ended_at for gap in gaps)))
    same: Condition = (
        Lease.instance.does_not_exist() if snapshot.instance is None else Lease.instance == snapshot.instance
    )
    newer = Lease.seq.does_not_exist() | (Lease.seq < received.claims.seq)
    if news or gaps:
        stored_seq = snapshot.number("seq")
        newer = Lease.seq == stored_seq if stored_seq else Lease.seq.does_not_exist() | (Lease.seq == 0)
    _store(received, actions, newer & same, gaps)


def _store(received: _Received, actions: list[Action], condition: Condition, gaps: Sequence[Gap]) -> None:
    key = host_key(received.host_id)
    if gaps:
        transaction = Transaction()
        transaction.update(Lease(key, LEASE), actions, condition, refused=StaleSequence())
        place = f"GAP#{max(clock.to_ms(gap.ended_at) for gap in gaps):013d}#{received.claims.seq}"
        transaction.create(GapRecord(key, place, gaps=tuple(gaps), expires_at=received.now + GAPS_KEPT))
        try:
            transaction.commit()
        except StaleSequence as error:
            raise _Overtaken from error
        return
    if not Lease(key, LEASE).update_if(actions, condition):
        raise _Overtaken


def _demand_own_key(host_id: str, snapshot: HostSnapshot, claims: AgentClaims, beat: Heartbeat) -> None:
    """Errors: `KeyCopied` when an agent speaks that was replaced before it signed this."""
    replaced_s = snapshot.replaced_s(beat.instance)
    if replaced_s is None or claims.iat <= replaced_s + TAKEOVER_S:
        return
    detail = "Two machines speak with this host's key. Enroll one of them anew and end its old agent."
    alerts.send(host_id, RiskKind.KEY_COPIED, detail)
    raise KeyCopied(detail)
