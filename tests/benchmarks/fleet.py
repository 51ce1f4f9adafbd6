"""A fleet of hosts against the real agent function and the real sweep, on a clock of its own and tables in memory.

    python -m tests.benchmarks.fleet --hosts 10000 --minutes 10

Hosts enroll, then send signed heartbeats every ten seconds, some lost on the way; each request is served by one of
several processes, as a function's instances do, and processes die with what they have not written. Some hosts die for
good, and the sweep, which runs every four seconds in a process of its own, must see it and must not take the living
for dead. Prints operations and units for each heartbeat, what a host costs in a month at DynamoDB's list price, when
failures were seen, and the CPU that heartbeats take.
"""

from __future__ import annotations

import argparse
import base64
import heapq
import json
import os
import random
import statistics
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import tests.conftest  # noqa: F401 - the environment in which records find their tables
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.benchmarks.memory_tables import MemoryTables
from tests.support.events import event
from tests.support.world import function, inventory

from sharemtc import clock, wire
from sharemtc.hosts import signatures
from sharemtc.hosts.enrollment import service as enrollment
from sharemtc.hosts.liveness import heartbeat_batches, snapshots, sweep
from sharemtc.hosts.liveness.heartbeat_batches import HeartbeatBuffer, LastHeartbeat
from sharemtc.hosts.providers.table import Provider, provider_key
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import host_key
from sharemtc.http import rate_limits
from sharemtc.http.parsing import body_as
from sharemtc.requests import Request
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction

# us-east-1, on demand, standard class, a million units each (aws.amazon.com/dynamodb/pricing/on-demand)
WRITE_PRICE, READ_PRICE = 0.625, 0.125
MONTH_S = 30 * 86_400
START_MS = 1_900_000_000_000
PROVIDERS, REGIONS = 50, 5


@dataclass(frozen=True)
class Plan:
    """What to simulate. Times in seconds, shares of one."""

    hosts: int = 10_000
    minutes: int = 10
    warm_up_s: int = 60
    processes: int = 24
    process_lives_s: float = 1_800
    sweeper_lives_s: float = 900
    failing: float = 0.01
    lost_requests: float = 0.001
    poll_s: float = 0
    seed: int = 1


@dataclass
class Machine:
    """One host: its key, its pace, its clock."""

    id: str
    key: Ed25519PrivateKey
    public_key: str
    seq: int
    instance: str
    clock_ahead_ms: int
    heard_ms: int = 0
    died: bool = False
    suspected_ms: int | None = None
    evicted_ms: int | None = None


@dataclass
class Process:
    """One instance of the agent function: what it has heard, and the keys that it has read."""

    ear: HeartbeatBuffer = field(default_factory=HeartbeatBuffer)
    keys: OrderedDict[str, str] = field(default_factory=OrderedDict)


@dataclass
class Outcome:
    """What was measured after the warm-up."""

    plan: Plan
    heartbeats: int = 0
    polls: int = 0
    elapsed_s: float = 0
    cpu_s: float = 0
    suspected_after_s: list[float] = field(default_factory=list)
    offline_after_s: list[float] = field(default_factory=list)
    unseen_failures: int = 0
    false_suspicions: int = 0
    false_evictions: int = 0
    processes_died: int = 0
    writes: dict[str, float] = field(default_factory=dict)
    reads: dict[str, float] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def month_dollars(self, label: str) -> float:
        """What this part of the work costs for a host and month."""
        units = self.writes.get(label, 0) * WRITE_PRICE + self.reads.get(label, 0) * READ_PRICE
        return units / 1e6 * MONTH_S / self.elapsed_s / self.plan.hosts

    def suspected_percentile_s(self, percent: int) -> float:
        """Within which time from its last heartbeat a failed host was suspect."""
        taken = sorted(self.suspected_after_s)
        return taken[min(len(taken) - 1, len(taken) * percent // 100)]


class Simulation:
    """The fleet, its processes and its clock."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = random.Random(plan.seed)  # noqa: S311 - a simulation, to be repeated
        self.now_ms = START_MS
        self.tables = MemoryTables()
        self.agent = function("agent").app
        self.machines: list[Machine] = []
        self.by_id: dict[str, Machine] = {}
        self.processes = [Process() for _ in range(plan.processes)]
        self.sweeper = HeartbeatBuffer()
        self.queue: list[tuple[int, int, str, int]] = []
        self.outcome = Outcome(plan)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything of ours goes by this clock and these tables."""
        os.environ.update(
            HOST_REQUESTS_PER_MINUTE="0",
            PUBLIC_REQUESTS_PER_MINUTE="0",
            PUBLIC_CHANGES_PER_MINUTE="0",
            UNVERIFIED_PROVIDER_HOSTS="0",
        )
        settings.cache_clear()
        rate_limits.forget()
        sweep.reset()
        before, keys = heartbeat_batches.replace_buffer(HeartbeatBuffer()), signatures._hosts
        with (
            clock.set_for_test(now_ms=lambda: self.now_ms, entropy=self.random.randbytes),
            self.tables.serving(),
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
        ):
            yield
        heartbeat_batches.replace_buffer(before)
        signatures._hosts = keys

    def at(self, when_ms: float, kind: str, which: int = 0) -> None:
        """Let something happen."""
        heapq.heappush(self.queue, (int(when_ms), len(self.queue), kind, which))

    def enroll(self) -> None:
        """Every host joins by a code of its provider, through the real function."""
        self.tables.label = "enrollment"
        now = clock.now()
        for number in range(PROVIDERS):
            id = f"usr_{number:026d}"
            provider = Provider(
                provider_key(id), "PROVIDER", id=id, provider_shard="0", display_name=f"Provider {number}",
                tier="community", state="active", version=1, created_at=now,
            )  # fmt: skip
            provider.save()
        for number in range(self.plan.hosts):
            self.machines.append(self._enrolled(number))
        self.by_id = {machine.id: machine for machine in self.machines}

    def _enrolled(self, number: int) -> Machine:
        transaction = Transaction()
        code, *_ = enrollment.issue_code(transaction, f"usr_{number % PROVIDERS:026d}", None)
        transaction.commit()
        key = Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        public_key = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        instance, clock_ahead_ms = f"{self.random.getrandbits(128):032x}", self.random.randint(-20_000, 20_000)
        machine = Machine("enroll", key, public_key, self.now_ms, instance, clock_ahead_ms)
        body = {
            "code": code,
            "protocol_version": 1,
            "public_key": public_key,
            "inventory": inventory(name=f"box-{number}", region=f"region-{number % REGIONS}"),
        }
        answer = self.agent(self.signed(machine, "POST", "/v1/agent/enroll", body), None)
        assert answer["statusCode"] == 201, answer["body"]
        machine.id = json.loads(answer["body"])["host_id"]
        return machine

    def signed(self, machine: Machine, method: str, path: str, body: Any) -> dict[str, Any]:
        """A request as its agent signs it, by its own clock."""
        raw = json.dumps(body) if body is not None else None
        machine.seq += 1
        now_s = (self.now_ms + machine.clock_ahead_ms) // 1000
        claims = {
            "sub": machine.id, "aud": wire.AGENT_AUDIENCE, "iat": now_s, "exp": now_s + 60,
            "jti": f"{machine.seq:032d}", "seq": machine.seq, "htm": method, "htp": path,
            "bsh": wire.body_hash((raw or "").encode()),
        }  # fmt: skip
        token = jwt.encode(claims, machine.key, algorithm="EdDSA")
        return event(method, path, raw=raw, token=token)

    def run(self) -> Outcome:
        """Everything, from enrollment to the last sweep."""
        with self.running():
            self.enroll()
            self.schedule()
            end_ms = START_MS + (self.plan.warm_up_s + self.plan.minutes * 60) * 1000
            while self.queue and self.queue[0][0] <= end_ms:
                self.now_ms, _, kind, which = heapq.heappop(self.queue)
                getattr(self, f"do_{kind}")(which)
            self.finish()
        return self.outcome

    def schedule(self) -> None:
        """First heartbeats over one interval, deaths over the time that is measured."""
        plan, start = self.plan, START_MS
        for number in range(plan.hosts):
            self.at(start + self.random.uniform(0, 10_000), "beat", number)
            if plan.poll_s:
                self.at(start + self.random.uniform(0, plan.poll_s * 1000), "poll", number)
        for process in range(plan.processes):
            self.at(start + self.random.expovariate(1 / plan.process_lives_s) * 1000, "process_death", process)
        self.at(start + self.random.expovariate(1 / plan.sweeper_lives_s) * 1000, "sweeper_death")
        self.at(start + 4_000, "sweep")
        self.at(start + 60_000, "expiry")
        self.at(start + plan.warm_up_s * 1000, "begin")
        # the last must still be seen within what is simulated
        last_ms = max(1, plan.minutes * 60 - 60) * 1000
        for number in self.random.sample(range(plan.hosts), max(1, int(plan.hosts * plan.failing))):
            self.at(start + plan.warm_up_s * 1000 + self.random.uniform(0, last_ms), "host_death", number)

    def do_begin(self, _: int) -> None:
        self.tables.forget_counts()
        self.outcome = Outcome(self.plan)
        # as after hours: every process has met every host
        met = {machine.id: machine.public_key for machine in self.machines}
        for process in self.processes:
            process.keys.update(met)

    def do_beat(self, number: int) -> None:
        machine = self.machines[number]
        if machine.died:
            return
        # ten seconds, a tenth more or less, as the agent has it
        self.at(self.now_ms + 10_000 * self.random.uniform(0.9, 1.1), "beat", number)
        body = {"protocol_version": 1, "instance": machine.instance, "figures": self.figures(), "workloads": []}
        request = self.signed(machine, "POST", "/v1/agent/heartbeat", body)
        if self.random.random() < self.plan.lost_requests:
            return
        self.serve("heartbeat", request)
        self.outcome.heartbeats += 1
        machine.heard_ms = self.now_ms

    def do_poll(self, number: int) -> None:
        if self.machines[number].died:
            return
        self.at(self.now_ms + self.plan.poll_s * 1000, "poll", number)
        self.serve("poll", self.signed(self.machines[number], "GET", "/v1/agent/commands", None))
        self.outcome.polls += 1

    def serve(self, label: str, request: dict[str, Any]) -> None:
        """One of the processes answers."""
        self.tables.label = label
        process = self.random.choice(self.processes)
        heartbeat_batches.replace_buffer(process.ear)
        signatures._hosts = process.keys
        before = time.process_time()
        answer = self.agent(request, None)
        if label == "heartbeat":
            self.outcome.cpu_s += time.process_time() - before
        assert answer["statusCode"] == 200, answer["body"]

    def figures(self) -> dict[str, Any]:
        """What a machine measures."""
        return {
            "captured_at": clock.now().isoformat(), "cpu_used_percent": round(self.random.uniform(0, 100), 1),
            "load_1m": round(self.random.uniform(0, 8), 2), "memory_used_mib": self.random.randint(100, 8000),
            "disk_used_gib": self.random.randint(1, 100), "network_rx_bytes": self.random.getrandbits(40),
            "network_tx_bytes": self.random.getrandbits(40),
        }  # fmt: skip

    def do_sweep(self, _: int) -> None:
        self.at(self.now_ms + 4_000, "sweep")
        self.tables.label = "sweep"
        heartbeat_batches.replace_buffer(self.sweeper)
        if sweep.sweep():
            self.note_states()

    def note_states(self) -> None:
        """Compare what the sweep decided with what is true."""
        hosts = self.tables.tables["test-hosts"]
        for machine in self.machines:
            item = hosts.get(host_key(machine.id), "CAPACITY")
            assert item is not None
            state = item["state"]["S"]
            silent_s = (int(item["state_at"]["N"]) - machine.heard_ms) / 1000
            if machine.died:
                if state != HostState.READY and machine.suspected_ms is None:
                    machine.suspected_ms = self.now_ms
                    self.outcome.suspected_after_s.append(silent_s)
                if state == HostState.OFFLINE and machine.evicted_ms is None:
                    machine.evicted_ms = self.now_ms
                    self.outcome.offline_after_s.append(silent_s)
            elif int(item["state_at"]["N"]) == self.now_ms:
                self.outcome.false_suspicions += state == HostState.SUSPECT
                self.outcome.false_evictions += state == HostState.OFFLINE

    def do_host_death(self, number: int) -> None:
        self.machines[number].died = True

    def do_process_death(self, process: int) -> None:
        self.processes[process] = Process()
        self.outcome.processes_died += 1
        self.at(self.now_ms + self.random.expovariate(1 / self.plan.process_lives_s) * 1000, "process_death", process)

    def do_sweeper_death(self, _: int) -> None:
        self.sweeper = HeartbeatBuffer()
        sweep.reset()
        self.at(self.now_ms + self.random.expovariate(1 / self.plan.sweeper_lives_s) * 1000, "sweeper_death")

    def do_expiry(self, _: int) -> None:
        self.tables.expire(self.now_ms // 1000)
        self.at(self.now_ms + 60_000, "expiry")

    def finish(self) -> None:
        """Take the figures down."""
        outcome = self.outcome
        outcome.elapsed_s = self.plan.minutes * 60
        outcome.unseen_failures = sum(machine.died and machine.suspected_ms is None for machine in self.machines)
        outcome.writes, outcome.reads = dict(self.tables.writes), dict(self.tables.reads)
        outcome.calls = self.tables.calls


def report(outcome: Outcome) -> None:
    """Print the figures."""
    plan, beats = outcome.plan, outcome.heartbeats
    print(
        f"{plan.hosts} hosts, {plan.processes} processes, {plan.minutes} min after {plan.warm_up_s} s of warm-up; "
        f"{beats} heartbeats; {outcome.processes_died} processes died with what they had not written"
    )
    for label in ("heartbeat", "poll", "sweep"):
        calls = {name: count for (part, name), count in sorted(outcome.calls.items()) if part == label}
        if not calls:
            continue
        writes, reads = outcome.writes.get(label, 0), outcome.reads.get(label, 0)
        per_beat = ", ".join(f"{name} {count / beats:.4f}" for name, count in calls.items())
        print(
            f"  {label:<10} for each heartbeat: {per_beat}; {writes / beats:.4f} write, {reads / beats:.4f} read units"
        )
        print(f"  {'':<10} ${outcome.month_dollars(label):.4f} for a host and month")
    total = sum(outcome.month_dollars(label) for label in ("heartbeat", "sweep"))
    print(
        f"cost for a host and month ${total:.4f} without polls for commands; list price of us-east-1 on demand: "
        f"${WRITE_PRICE} a million write units, ${READ_PRICE} a million read units"
    )
    if outcome.suspected_after_s:
        offline_s = statistics.median(outcome.offline_after_s) if outcome.offline_after_s else float("nan")
        print(
            f"failures seen {len(outcome.suspected_after_s)}, unseen {outcome.unseen_failures}; "
            "after the last heartbeat: "
            f"suspect p50 {outcome.suspected_percentile_s(50):.1f} s, p99 {outcome.suspected_percentile_s(99):.1f} s; "
            f"offline p50 {offline_s:.1f} s"
        )
    print(
        f"false evictions {outcome.false_evictions}, false suspicions {outcome.false_suspicions} of {beats} heartbeats"
    )
    us = outcome.cpu_s / beats * 1e6
    print(f"CPU of a heartbeat, event to answer, tables in memory {us:.0f} µs: {1e6 / us:.0f} heartbeats/s on one core")


def report_parts(simulation: Simulation) -> None:
    """Print the CPU of a heartbeat's parts, each alone."""
    with simulation.running():
        machine = simulation.machines[0]
        body = {"protocol_version": 1, "instance": machine.instance, "figures": simulation.figures(), "workloads": []}
        sent = simulation.signed(machine, "POST", "/v1/agent/heartbeat", body)
        headers = {name.lower(): value for name, value in sent["headers"].items()}
        request = Request("POST", sent["path"], headers, {}, sent["body"].encode(), "", "req_1")
        ear, key = HeartbeatBuffer(), heartbeat_batches.key_of(machine.id)
        heartbeats = iter(range(1, 10**9))
        parts: dict[str, Callable[[], object]] = {
            "verify the signature": lambda: signatures.authenticate(request),
            "validate the body": lambda: body_as(wire.Heartbeat, request.body),
            "note it in a batch, batches written": lambda: ear.add(
                key, LastHeartbeat(next(heartbeats), 0), next(heartbeats)
            ),
            "read and judge its desk": lambda: snapshots.read_snapshot(machine.id),
        }
        taken = {name: _cpu_us(part) for name, part in parts.items()}
    for name, us in taken.items():
        print(f"  {name:<34} {us:6.1f} µs")
    own_us = taken["validate the body"] + taken["note it in a batch, batches written"]
    print(f"  validate and coalesce {1e6 / own_us:.0f}/s, with the rest {1e6 / sum(taken.values()):.0f}/s on one core")


def _cpu_us(part: Callable[[], object], calls: int = 2_000, rounds: int = 5) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(calls):
            part()
        best = min(best, (time.process_time() - start) / calls * 1e6)
    return best


def main() -> None:
    """Simulate and print."""
    defaults = Plan()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("hosts", "minutes", "processes", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(defaults, name))
    for name in ("failing", "lost_requests", "process_lives_s", "poll_s"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(defaults, name))
    simulation = Simulation(Plan(**vars(parser.parse_args())))
    report(simulation.run())
    report_parts(simulation)


if __name__ == "__main__":
    main()
