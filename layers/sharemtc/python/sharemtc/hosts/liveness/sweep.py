"""The sweep: detects silent hosts, pauses mass evictions, starts and ends maintenance, stores last heartbeats.

A sweep reads the newest batches and a few partitions of the host index in turn; a host's own records are read only when
its known heartbeat is old. A process keeps what it knows between sweeps; a new one reads everything once.

A host goes offline only after it was suspect for longer than a heartbeat interval: a suspect host's heartbeat is
written at once (`heartbeats`), so heartbeats that other processes failed to write never take a host offline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import MassSilence
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.liveness import heartbeat_batches
from sharemtc.hosts.liveness.heartbeat_batches import LastHeartbeat, later
from sharemtc.hosts.liveness.leases import MAX_LEASE_AGE_S, gap_after, heartbeat_in
from sharemtc.hosts.liveness.mass_silence import SharedSilence, Silences
from sharemtc.hosts.state_changes import HostStateConflict, add_reason, add_state_change
from sharemtc.hosts.states import SILENCE_STATES, HostState, Maintenance, StateReason, due
from sharemtc.hosts.table import LEASE, SHARDS, Capacity, Host, Lease, host_key
from sharemtc.ids import IdKind, id_from_bytes, kind_of
from sharemtc.independent import independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.settings import settings
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction
from sharemtc.storage.unreadable import skip_unreadable

# limits of one sweep; the next does the rest
MAX_CHECKS, MAX_STATE_CHANGES, MAX_NEW_HOSTS = 1_000, 300, 50
# hosts of the index read in one sweep, and for how long their partition is not read again
REFRESH_HOSTS, REFRESH_MS = 300, 20_000
# when a host is checked again that is silent and cannot change state, or whose eviction is paused
RECHECK_MS, PAUSED_RECHECK_MS = 20_000, 10_000
LOOK_BACK_MS = MAX_LEASE_AGE_S * 1000 + 60_000
ALL_HOSTS = "fleet:all"

NO_HEARTBEAT = LastHeartbeat(0, 0)


@dataclass(slots=True)
class Known:
    """What this process knows of a host. It is checked at `check_at_ms`, or when a newer heartbeat arrives."""

    host: Host
    shard: str
    last_heartbeat: LastHeartbeat = NO_HEARTBEAT
    state: HostState | None = None
    check_at_ms: int = 0

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups with which its silence may be shared."""
        return (self.host.owner_id, f"region:{self.host.region or self.host.inventory.region}", ALL_HOSTS)

    @property
    def maintenance(self) -> Maintenance | None:
        window: Maintenance | None = self.host.maintenance
        return window


@dataclass
class Fleet:
    """All hosts as this process knows them, and until when each group's shared silence lasts."""

    hosts: dict[bytes, Known] = field(default_factory=dict)
    read_at_ms: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)


_fleet = Fleet()


def reset() -> None:
    """Start over as a new process does. For simulations and tests."""
    global _fleet
    _fleet = Fleet()


def sweep() -> int:
    """Judge every host by its last heartbeat and its maintenance window; the number of hosts that changed state."""
    now, fleet, here = clock.now(), _fleet, heartbeat_batches.buffer()
    now_ms = clock.to_ms(now)
    here.read(now_ms, look_back_ms=LOOK_BACK_MS)
    _refresh(fleet, now_ms)
    _add_new_hosts(fleet, here.known)
    for key, known in fleet.hosts.items():
        heartbeat = here.known.get(key)
        if heartbeat is not None and heartbeat.seq > known.last_heartbeat.seq:
            known.last_heartbeat, known.check_at_ms = heartbeat, 0
    due_for_check = [known for known in fleet.hosts.values() if _needs_check(known, now, now_ms)]
    due_for_check.sort(key=lambda known: (known.check_at_ms, known.last_heartbeat.at_ms))
    return _Sweep(fleet, now).check(due_for_check[:MAX_CHECKS])


def _refresh(fleet: Fleet, now_ms: int) -> None:
    """Read the hosts of some partitions again, those read longest ago first; all of them the first time."""
    read = 0
    shards = sorted((fleet.read_at_ms.get(str(shard), 0), str(shard)) for shard in range(SHARDS))
    for read_at_ms, shard in shards:
        if read_at_ms and (now_ms - read_at_ms < REFRESH_MS or read >= REFRESH_HOSTS):
            continue
        found = {heartbeat_batches.key_of(host.id): host for host in skip_unreadable(Host.by_shard.query(shard))}
        for key, host in found.items():
            known = fleet.hosts.get(key)
            if known is None:
                fleet.hosts[key] = Known(host, shard)
            else:
                if known.maintenance != host.maintenance:
                    known.check_at_ms = 0
                known.host = host
        if read_at_ms:
            gone = [key for key, known in fleet.hosts.items() if known.shard == shard and key not in found]
            for key in gone:
                del fleet.hosts[key]
        fleet.read_at_ms[shard] = now_ms
        read += len(found) + 1


def _add_new_hosts(fleet: Fleet, heartbeats: dict[bytes, LastHeartbeat]) -> None:
    """Add hosts with heartbeats that were not in the index when it was read."""
    unknown = [key for key in heartbeats if key not in fleet.hosts]
    for key in unknown[:MAX_NEW_HOSTS]:
        host = Host.find(host_key(id_from_bytes(IdKind.HOST, key)), "HOST", consistent=False)
        if host is not None and host.shard is not None:
            fleet.hosts[key] = Known(host, host.shard)


def _needs_check(known: Known, now: datetime, now_ms: int) -> bool:
    if now_ms < known.check_at_ms:
        return False
    window = known.maintenance is not None and known.maintenance.covers(now)
    if window != (known.state is HostState.MAINTENANCE):
        return True
    return now_ms - known.last_heartbeat.at_ms > settings().host_suspect_after_s * 1000


class _Sweep:
    def __init__(self, fleet: Fleet, now: datetime) -> None:
        self.fleet = fleet
        self.now = now
        self.now_ms = clock.to_ms(now)
        self.suspect_ms = settings().host_suspect_after_s * 1000
        self.shared: dict[str, SharedSilence] = {}
        self._silences: Silences | None = None

    def check(self, hosts: list[Known]) -> int:
        """Read these hosts and judge them; the number that changed state."""
        unreadable_keys: set[tuple[str, str]] = set()
        capacities = batch_find(
            Capacity, [(known.host.pk, "CAPACITY") for known in hosts], unreadable_keys=unreadable_keys
        )
        leases = batch_find(Lease, [(known.host.pk, LEASE) for known in hosts], unreadable_keys=unreadable_keys)
        read: list[tuple[Known, Capacity, LastHeartbeat]] = []
        for known in hosts:
            capacity, lease = capacities.get((known.host.pk, "CAPACITY")), leases.get((known.host.pk, LEASE))
            known.check_at_ms = self.now_ms + RECHECK_MS
            # an unreadable lease proves no silence
            if capacity is not None and (known.host.pk, LEASE) not in unreadable_keys:
                stored = heartbeat_in(lease) if lease is not None else NO_HEARTBEAT
                known.last_heartbeat = later(known.last_heartbeat, stored)
                known.state = capacity.state
                read.append((known, capacity, stored))
        changed = 0
        with independent() as each:
            for one in read:
                if changed < MAX_STATE_CHANGES:
                    with each.one(one[0].host.id):
                        changed += self._judge(*one)
                else:
                    one[0].check_at_ms = 0
            self._update_risks()
        return changed

    def _judge(self, known: Known, capacity: Capacity, stored: LastHeartbeat) -> bool:
        last_heartbeat_at = clock.from_ms(known.last_heartbeat.at_ms) if known.last_heartbeat.seq else None
        step = due(capacity.state, last_heartbeat_at, self.now, settings(), known.maintenance)
        if capacity.state in (HostState.READY, HostState.SUSPECT):
            # check it in every sweep
            known.check_at_ms = 0
        if step is None:
            return self._store_last_heartbeat(known, stored)
        state, reason = step
        if state is HostState.OFFLINE and capacity.state in SILENCE_STATES:
            if capacity.state is HostState.READY:
                state = HostState.SUSPECT
            elif self._newly_suspect(capacity):
                return False
            elif self._is_paused(known, capacity):
                known.check_at_ms = self.now_ms + PAUSED_RECHECK_MS
                return False
        return self._change_state(known, capacity, state, reason)

    def _newly_suspect(self, capacity: Capacity) -> bool:
        """Whether a heartbeat sent since the host became suspect may not have arrived yet."""
        between_heartbeats = timedelta(milliseconds=settings().heartbeat_interval_s * 1200)
        return self.now - capacity.state_at < between_heartbeats

    def _is_paused(self, known: Known, capacity: Capacity) -> bool:
        """Whether mass silence keeps the host from going offline."""
        if self._silences is None:
            self._silences = Silences((one.groups, one.last_heartbeat.at_ms) for one in self.fleet.hosts.values())
        shared = self._silences.shared_by(known.groups, known.last_heartbeat.at_ms, self.now_ms, self.suspect_ms)
        self.shared.update({one.group: one for one in shared})
        if shared and capacity.state_reason != StateReason.MASS_SILENCE:
            self._mark_paused(known, capacity, shared[0])
        return bool(shared)

    def _mark_paused(self, known: Known, capacity: Capacity, shared: SharedSilence) -> None:
        transaction = Transaction()
        add_reason(transaction, capacity, StateReason.MASS_SILENCE)
        event_log.append(
            transaction, known.host.owner_id, EventType.HOST_SUSPECT, known.host.id,
            reason=EventReason.MASS_SILENCE, actor="liveness", at=self.now,
            data=MassSilence(group=shared.group, silent=shared.silent, hosts=shared.hosts),
        )  # fmt: skip
        try:
            transaction.commit()
        except HostStateConflict:
            known.check_at_ms = 0

    def _change_state(self, known: Known, capacity: Capacity, state: HostState, reason: StateReason) -> bool:
        """Store the state with the last heartbeat, unless a newer heartbeat was stored meanwhile."""
        transaction = Transaction()
        data = gap_after(known.last_heartbeat) if reason is StateReason.SILENCE else None
        add_state_change(
            transaction, known.host, capacity, state, reason=reason, actor="liveness", at=self.now, data=data
        )
        if known.last_heartbeat.seq:
            _add_last_heartbeat(transaction, known)
        try:
            transaction.commit()
        except HostStateConflict:
            known.check_at_ms = 0
            return False
        known.state = state
        known.check_at_ms = self.now_ms + RECHECK_MS if state is HostState.OFFLINE else 0
        return True

    def _store_last_heartbeat(self, known: Known, stored: LastHeartbeat) -> bool:
        """Store the last heartbeat of a silent host that keeps its state (one that drains, say): billing ends by it."""
        silent = self.now_ms - known.last_heartbeat.at_ms > self.suspect_ms
        if silent and known.last_heartbeat.seq > stored.seq and known.state not in SILENCE_STATES:
            transaction = Transaction()
            _add_last_heartbeat(transaction, known)
            try:
                transaction.commit()
            except HostStateConflict:
                known.check_at_ms = 0
        return False

    def _update_risks(self) -> None:
        for group, shared in self.shared.items():
            if group not in self.fleet.shared:
                owner_id = group if kind_of(group) is IdKind.USER else None
                risks.report(
                    RiskKind.MASS_SILENCE,
                    group,
                    severity=Severity.CRITICAL,
                    owner_id=owner_id,
                    detail=_sentence(shared),
                )
            # paused hosts are not checked in every sweep
            self.fleet.shared[group] = self.now_ms + 2 * PAUSED_RECHECK_MS
        for group in [group for group, until_ms in self.fleet.shared.items() if until_ms < self.now_ms]:
            risks.resolve(RiskKind.MASS_SILENCE, group)
            del self.fleet.shared[group]


def _add_last_heartbeat(transaction: Transaction, known: Known) -> None:
    """Write the newest heartbeat to the lease, which outlives the batches. Refused: `HostStateConflict`."""
    heartbeat = known.last_heartbeat
    lease = Lease(known.host.pk, LEASE)
    actions: list[Action] = [Lease.seq.set(heartbeat.seq), Lease.last_seen_at.set(clock.from_ms(heartbeat.at_ms))]
    not_newer = Lease.seq.does_not_exist() | (Lease.seq <= heartbeat.seq)
    transaction.update(lease, actions, not_newer, refused=HostStateConflict())


def _sentence(shared: SharedSilence) -> str:
    return f"{shared.silent} of {shared.hosts} hosts of {shared.group} fell silent together. Evictions are paused."
