"""What hosts proved, kept beside the platform's books, and the rules by which the books are held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sharemtc import clock, money
from sharemtc.allocations import service as allocations
from sharemtc.billing.table import Accrual, Meter, UsageInterval, accruals_key, allocation_key
from sharemtc.hosts.liveness import leases
from sharemtc.wire import Proof

SELLABLE = {"vcpus": 3, "memory_mib": 1024, "disk_gib": 4}
GAP_MS = 15_000
TOLERANCE_MS, DRIFT_MS = 3_000, 1_500
# of each VM: when its host's proofs were taken
Proofs = Mapping[str, list[tuple[int, Proof]]]


@dataclass
class Said:
    """A heartbeat that was taken: when it counts for, when it came, and what it listed (state, boot, beginning)."""

    at_ms: int
    came_ms: int
    listed: dict[str, tuple[str, str, int | None]]

    def runs(self, vm_id: str) -> bool:
        """Whether it listed the workload as one that runs."""
        return vm_id in self.listed and self.listed[vm_id][0] != "stopped"


@dataclass
class Machine:
    """A host that may say anything, and what it knows of its own."""

    id: str
    seq: int = 10
    boots: dict[str, tuple[str, int]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    # what was placed on it, and it has neither proved gone nor left out of a heartbeat since
    holds: set[str] = field(default_factory=set)


def check_capacity(machines: Iterable[Machine]) -> None:
    """Free and held make up what each host sells, and what a host holds is held in the books."""
    for machine in machines:
        capacity, _ = leases.read_state(machine.id)
        live = [allocations.find(one.id) for one in allocations.live_on(machine.id)]
        for name, whole in SELLABLE.items():
            free = getattr(capacity, f"free_{name}")
            assert free >= 0, name
            assert free + sum(getattr(one.held, name) for one in live) == whole, name
        held = {one.workload_id for one in live if one.held.disk_gib}
        assert machine.holds <= held, "a slice is free while its workload may run"


def check_windows(meter: Meter, running_rate_nanos_per_hour: int, machine: Machine, proofs: Proofs) -> list[Accrual]:
    """Each posted window lies in time that its host had proved, and costs what its rate and length say."""
    vm_id = meter.resource_id
    segments = {one.segment: one for one in UsageInterval.under(allocation_key(meter.allocation_id), "SEGMENT#")}
    windows = list(Accrual.query(accruals_key(meter.allocation_id, 0)))
    proven = proven_ms(vm_id, machine, proofs)
    billed: Counter[int] = Counter()
    for window in windows:
        begin_ms, end_ms = clock.to_ms(window.started_at), clock.to_ms(window.ended_at)
        billed[window.segment] += window.amount_micros
        if segments[window.segment].rate_nanos_per_hour == running_rate_nanos_per_hour:
            inside = any(first <= begin_ms and end_ms <= last for first, last in proven)
            assert inside, f"billed {window.started_at} to {window.ended_at} without proof: {proven}"
        else:
            heard = [said.at_ms for said in machine.said if vm_id in said.listed]
            known = [at_ms for at_ms, _ in proofs.get(vm_id, ())]
            assert end_ms <= max(heard + known), "a stopped machine billed past the last heartbeat that listed it"
    for number, amount in billed.items():
        segment, last = segments[number], max(one.ended_at for one in windows if one.segment == number)
        ms = clock.elapsed_ms(segment.started_at, last)
        assert amount == money.cumulative_micros(segment.rate_nanos_per_hour, ms), (number, amount)
    return windows


def proven_ms(vm_id: str, machine: Machine, proofs: Proofs) -> list[tuple[int, int]]:
    """The stretches in which the VM is proved to have run, merged: by what was said, heartbeat by heartbeat."""
    starts = sorted(at_ms for at_ms, proof in proofs.get(vm_id, ()) if proof.state == "running")
    found: list[tuple[int, int]] = []
    before: Said | None = None
    for said in machine.said:
        begun = [at_ms for at_ms in starts if before is None or before.at_ms <= at_ms <= said.at_ms]
        if said.runs(vm_id) and before is not None and before.runs(vm_id) and _covers(vm_id, before, said):
            found.append((before.at_ms, said.at_ms))
        elif said.runs(vm_id) and begun and (before is None or said.came_ms - before.at_ms <= GAP_MS):
            found.append((min(begun), said.at_ms))
        before = said
    for at_ms, proof in proofs.get(vm_id, ()):
        if proof.uptime_ms is not None and proof.boot_id.startswith("boot-1"):
            # the end of a boot of which its host said truly how long it ran
            found.append((at_ms - proof.uptime_ms, at_ms))
    return _merged(found)


def _covers(vm_id: str, before: Said, after: Said) -> bool:
    if after.came_ms - before.at_ms <= GAP_MS:
        return True
    _, boot, began_ms = before.listed[vm_id]
    _, boot_now, began_now_ms = after.listed[vm_id]
    if not boot or boot != boot_now or began_ms is None or began_now_ms is None:
        return False
    return began_now_ms - began_ms <= TOLERANCE_MS + DRIFT_MS


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found
