"""The sweep: notices silence, holds back mass eviction, opens and closes windows, writes down last heartbeats.

A sweep reads the newest batches and, of the index of all hosts, a few partitions in turn; a host of its own is read
only when its known heartbeat has grown old. What a process knows from earlier sweeps it keeps; a new one reads
everything once.

Nothing is put offline before it was suspect for longer than the time between two heartbeats: the heartbeat of a suspect
host is written at once and by itself (`hearing`), so a host that speaks is not lost to what other processes failed to
write.
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
from sharemtc.hosts.liveness.mass_silence import Shared, Silences
from sharemtc.hosts.moves import HostMoved, add_move, add_reason
from sharemtc.hosts.states import SILENCED, HostState, Maintenance, StateReason, due
from sharemtc.hosts.table import LEASE, SHARDS, Capacity, Host, Lease, host_key
from sharemtc.ids import IdKind, id_from_bytes, kind_of
from sharemtc.independent import independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.settings import settings
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction
from sharemtc.storage.unreadable import skip_unreadable

# what one sweep does at most; the rest is done by the next
MAX_LOOKS, MAX_MOVES, MAX_NEWCOMERS = 1_000, 300, 50
# of the index, so many hosts are read in one sweep, and none again that was read so lately
REFRESH_HOSTS, REFRESH_MS = 300, 20_000
# a host that has not spoken yet, is offline, held, or kept from working by people is looked at again so much later
LOOK_AGAIN_MS, HELD_AGAIN_MS = 20_000, 10_000
LOOK_BACK_MS = MAX_LEASE_AGE_S * 1000 + 60_000
EVERYTHING = "fleet:all"


NOTHING = LastHeartbeat(0, 0)


@dataclass(slots=True)
class Known:
    """What this process knows of a host. `look_ms`: not before then unless a newer heartbeat comes."""

    host: Host
    shard: str
    last_heartbeat: LastHeartbeat = NOTHING
    state: HostState | None = None
    look_ms: int = 0

    @property
    def groups(self) -> tuple[str, ...]:
        """With whom its silence may be shared."""
        return (self.host.owner_id, f"region:{self.host.region or self.host.inventory.region}", EVERYTHING)

    @property
    def maintenance(self) -> Maintenance | None:
        """Its window, present or to come."""
        window: Maintenance | None = self.host.maintenance
        return window


@dataclass
class Fleet:
    """All hosts as this process knows them, and until when a group's shared silence is taken to last."""

    hosts: dict[bytes, Known] = field(default_factory=dict)
    read_at_ms: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)


_fleet = Fleet()


def forget() -> None:
    """Begin as a new process does. For simulations and tests."""
    global _fleet
    _fleet = Fleet()


def sweep() -> int:
    """Judge every host by its last heartbeat and its window; the number of hosts that changed state."""
    now, fleet, here = clock.now(), _fleet, heartbeat_batches.buffer()
    now_ms = clock.to_ms(now)
    here.read(now_ms, look_back_ms=LOOK_BACK_MS)
    _refresh(fleet, now_ms)
    _add_newcomers(fleet, here.known)
    for key, known in fleet.hosts.items():
        heartbeat = here.known.get(key)
        if heartbeat is not None and heartbeat.seq > known.last_heartbeat.seq:
            known.last_heartbeat, known.look_ms = heartbeat, 0
    looks = [known for known in fleet.hosts.values() if _wants_look(known, now, now_ms)]
    looks.sort(key=lambda known: (known.look_ms, known.last_heartbeat.at_ms))
    return _Sweep(fleet, now).look(looks[:MAX_LOOKS])


def _refresh(fleet: Fleet, now_ms: int) -> None:
    """Read the hosts of some partitions anew, the longest unread first; all of them the first time."""
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
                    known.look_ms = 0
                known.host = host
        if read_at_ms:
            gone = [key for key, known in fleet.hosts.items() if known.shard == shard and key not in found]
            for key in gone:
                del fleet.hosts[key]
        fleet.read_at_ms[shard] = now_ms
        read += len(found) + 1


def _add_newcomers(fleet: Fleet, heard: dict[bytes, LastHeartbeat]) -> None:
    """Hosts that are heard and were not in the index when it was read."""
    unknown = [key for key in heard if key not in fleet.hosts]
    for key in unknown[:MAX_NEWCOMERS]:
        host = Host.find(host_key(id_from_bytes(IdKind.HOST, key)), "HOST", consistent=False)
        if host is not None and host.shard is not None:
            fleet.hosts[key] = Known(host, host.shard)


def _wants_look(known: Known, now: datetime, now_ms: int) -> bool:
    if now_ms < known.look_ms:
        return False
    window = known.maintenance is not None and known.maintenance.covers(now)
    if window != (known.state is HostState.MAINTENANCE):
        return True
    return now_ms - known.last_heartbeat.at_ms > settings().host_suspect_after_s * 1000


class _Sweep:
    """One sweep's judgement."""

    def __init__(self, fleet: Fleet, now: datetime) -> None:
        self.fleet = fleet
        self.now = now
        self.now_ms = clock.to_ms(now)
        self.suspect_ms = settings().host_suspect_after_s * 1000
        self.shared: dict[str, Shared] = {}
        self._silences: Silences | None = None

    def look(self, looks: list[Known]) -> int:
        """Read these hosts and judge them; how many changed state."""
        unreadable_keys: set[tuple[str, str]] = set()
        capacities = batch_find(
            Capacity, [(known.host.pk, "CAPACITY") for known in looks], unreadable_keys=unreadable_keys
        )
        leases = batch_find(Lease, [(known.host.pk, LEASE) for known in looks], unreadable_keys=unreadable_keys)
        read: list[tuple[Known, Capacity, LastHeartbeat]] = []
        for known in looks:
            capacity, lease = capacities.get((known.host.pk, "CAPACITY")), leases.get((known.host.pk, LEASE))
            known.look_ms = self.now_ms + LOOK_AGAIN_MS
            # a lease that cannot be read tells nothing of a silence
            if capacity is not None and (known.host.pk, LEASE) not in unreadable_keys:
                stored = heartbeat_in(lease) if lease is not None else NOTHING
                known.last_heartbeat = later(known.last_heartbeat, stored)
                known.state = capacity.state
                read.append((known, capacity, stored))
        moved = 0
        with independent() as each:
            for one in read:
                if moved < MAX_MOVES:
                    with each.one(one[0].host.id):
                        moved += self._judge(*one)
                else:
                    one[0].look_ms = 0
            self._tell_shared()
        return moved

    def _judge(self, known: Known, capacity: Capacity, stored: LastHeartbeat) -> bool:
        heard_at = clock.from_ms(known.last_heartbeat.at_ms) if known.last_heartbeat.seq else None
        step = due(capacity.state, heard_at, self.now, settings(), known.maintenance)
        if capacity.state in (HostState.READY, HostState.SUSPECT):
            # the next moment of silence decides
            known.look_ms = 0
        if step is None:
            return self._settle(known, stored)
        state, reason = step
        if state is HostState.OFFLINE and capacity.state in SILENCED:
            if capacity.state is HostState.READY:
                state = HostState.SUSPECT
            elif self._too_early(capacity):
                return False
            elif self._is_held(known, capacity):
                known.look_ms = self.now_ms + HELD_AGAIN_MS
                return False
        return self._move(known, capacity, state, reason)

    def _too_early(self, capacity: Capacity) -> bool:
        """Whether the host, had it spoken since it became suspect, might not have been heard yet."""
        between_heartbeats = timedelta(milliseconds=settings().heartbeat_interval_s * 1200)
        return self.now - capacity.state_at < between_heartbeats

    def _is_held(self, known: Known, capacity: Capacity) -> bool:
        """Whether the brake keeps the host from going offline."""
        if self._silences is None:
            self._silences = Silences((one.groups, one.last_heartbeat.at_ms) for one in self.fleet.hosts.values())
        shared = self._silences.shared_by(known.groups, known.last_heartbeat.at_ms, self.now_ms, self.suspect_ms)
        self.shared.update({one.group: one for one in shared})
        if shared and capacity.state_reason != StateReason.MASS_SILENCE:
            self._mark_held(known, capacity, shared[0])
        return bool(shared)

    def _mark_held(self, known: Known, capacity: Capacity, shared: Shared) -> None:
        transaction = Transaction()
        add_reason(transaction, capacity, StateReason.MASS_SILENCE)
        event_log.append(
            transaction, known.host.owner_id, EventType.HOST_SUSPECT, known.host.id,
            reason=EventReason.MASS_SILENCE, actor="liveness", at=self.now,
            data=MassSilence(group=shared.group, silent=shared.silent, hosts=shared.hosts),
        )  # fmt: skip
        try:
            transaction.commit()
        except HostMoved:
            known.look_ms = 0

    def _move(self, known: Known, capacity: Capacity, state: HostState, reason: StateReason) -> bool:
        """Store the state together with the last heartbeat, unless the host has spoken meanwhile."""
        transaction = Transaction()
        data = gap_after(known.last_heartbeat) if reason is StateReason.SILENCE else None
        add_move(transaction, known.host, capacity, state, reason=reason, actor="liveness", at=self.now, data=data)
        if known.last_heartbeat.seq:
            _add_last_heartbeat(transaction, known)
        try:
            transaction.commit()
        except HostMoved:
            known.look_ms = 0
            return False
        known.state = state
        known.look_ms = self.now_ms + LOOK_AGAIN_MS if state is HostState.OFFLINE else 0
        return True

    def _settle(self, known: Known, stored: LastHeartbeat) -> bool:
        """Store the last heartbeat of a silent host whose state stays, say one that drains: bills end by it."""
        silent = self.now_ms - known.last_heartbeat.at_ms > self.suspect_ms
        if silent and known.last_heartbeat.seq > stored.seq and known.state not in SILENCED:
            transaction = Transaction()
            _add_last_heartbeat(transaction, known)
            try:
                transaction.commit()
            except HostMoved:
                known.look_ms = 0
        return False

    def _tell_shared(self) -> None:
        for group, told in self.shared.items():
            if group not in self.fleet.shared:
                owner_id = group if kind_of(group) is IdKind.USER else None
                risks.report(
                    RiskKind.MASS_SILENCE, group, severity=Severity.CRITICAL, owner_id=owner_id, detail=_told(told)
                )
            # held hosts are not looked at in every sweep
            self.fleet.shared[group] = self.now_ms + 2 * HELD_AGAIN_MS
        for group in [group for group, until_ms in self.fleet.shared.items() if until_ms < self.now_ms]:
            risks.resolve(RiskKind.MASS_SILENCE, group)
            del self.fleet.shared[group]


def _add_last_heartbeat(transaction: Transaction, known: Known) -> None:
    """The newest heartbeat into the lease, for all that is judged by it once the batches are gone. Refused:
    `HostMoved`.
    """
    heartbeat = known.last_heartbeat
    lease = Lease(known.host.pk, LEASE)
    actions: list[Action] = [Lease.seq.set(heartbeat.seq), Lease.last_seen_at.set(clock.from_ms(heartbeat.at_ms))]
    not_newer = Lease.seq.does_not_exist() | (Lease.seq <= heartbeat.seq)
    transaction.update(lease, actions, not_newer, refused=HostMoved())


def _told(shared: Shared) -> str:
    return f"{shared.silent} of {shared.hosts} hosts of {shared.group} fell silent together; none goes offline for now."
