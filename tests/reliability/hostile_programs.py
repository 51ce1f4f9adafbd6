"""Random programs of hostile hosts and hasty renters, on tables in memory, against a model of what was proved.

The model keeps, for itself, what each host said and when. After a program each posted window must lie in time that the
host had proved, and capacity, meters and ledger must agree. `python -m tests.reliability.hostile_programs 10000` runs
as many programs and prints what they came to.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import tests.conftest  # noqa: F401 - names the tables
from tests.benchmarks.memory_tables import MemoryTables
from tests.reliability.hostile_model import SELLABLE, Machine, Said, check_capacity, check_windows
from tests.support.world import inventory

from sharemtc import clock
from sharemtc.accounts import authorized_keys
from sharemtc.billing import accruals, ledger, meters
from sharemtc.billing import service as billing
from sharemtc.billing.spending import Spender
from sharemtc.catalog import service as catalog
from sharemtc.hosts.commands import service as commands
from sharemtc.hosts.commands.table import Command
from sharemtc.hosts.enrollment import service as enrollment
from sharemtc.hosts.kinds import ProviderTier
from sharemtc.hosts.liveness import heartbeat_batches, sweep
from sharemtc.hosts.providers import profiles
from sharemtc.hosts.table import LEASE, Lease, host_key
from sharemtc.idempotency import Claim
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import Problem
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction
from sharemtc.wire import AgentClaims, CommandResult, EnrollRequest, Figures, Heartbeat, Inventory, Proof, Verb, VmProof
from sharemtc.workloads import agent_reports, creation, executions, lifecycle, losses, operations, reconciliation
from sharemtc.workloads.kinds import VM
from sharemtc.workloads.states import ENDED, Observed
from sharemtc.workloads.table import SHARDS, Workload, workload_key
from sharemtc.workloads.vms import VmCreate

START_MS = 1_900_000_000_000
CREDIT_MICROS = 10_000_000
DAY_S = 86_400
BANNER = {"ssh_port": 2222, "ssh_banner": "SSH-2.0-x"}
STEPS = (
    "rent", "rent", "order", "order", "order", "carry_out", "carry_out", "carry_out", "carry_out", "dispatch", "answer",
    "lie", "lie", "confirm", "recover", "beat", "beat", "beat", "beat", "beat", "beat", "odd_beat", "odd_beat",
    "late_beat", "told_afterwards", "wait", "silence", "accrue", "accrue", "reconcile", "declare",
)  # fmt: skip


@dataclass
class Outcome:
    """What programs came to."""

    programs: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    windows: int = 0
    billed_ms: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Program:
    """One renter, two hosts of one provider, and a sequence of steps that a seed chooses."""

    def __init__(self, seed: int, outcome: Outcome) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a program, to be repeated
        self.outcome = outcome
        self.now_ms = START_MS
        self.vm_ids: list[str] = []
        self.commands: list[str] = []
        self.proofs: dict[str, list[tuple[int, Proof]]] = {}

    def run(self, steps: int) -> None:
        """The program, then its checks."""
        with clock.set_for_test(now_ms=lambda: self.now_ms, entropy=self.random.randbytes):
            self._set_up()
            for _ in range(steps):
                step = self.random.choice(STEPS)
                self.outcome.steps[step] += 1
                try:
                    getattr(self, f"do_{step}")()
                except (Problem, lifecycle.Superseded) as refusal:
                    self.outcome.refused[getattr(refusal, "code", type(refusal).__name__)] += 1
                self.now_ms += self.random.choice((0, 1, 700, 2_000))
                check_capacity(self.machines)
            for vm_id in self.vm_ids:
                self._tend(self._vm(vm_id).allocation_id)
            self.check_money()
        self.outcome.programs += 1

    def _set_up(self) -> None:
        now = clock.now()
        self.renter, provider = new_id(IdKind.USER), new_id(IdKind.USER)
        transaction = Transaction()
        billing.open_wallet(transaction, self.renter, CREDIT_MICROS, now)
        transaction.create(profiles.new_provider(provider, "Provider", ProviderTier.COMMUNITY))
        transaction.commit()
        self.provider = provider
        self.machines = [self._enrolled(provider, number) for number in range(2)]
        for machine in self.machines:
            self._beat(machine, {})

    def _enrolled(self, provider: str, number: int) -> Machine:
        transaction = Transaction()
        code, *_ = enrollment.issue_code(transaction, provider, None)
        transaction.commit()
        described = Inventory.model_validate(inventory(name=f"box-{number}", sellable=SELLABLE, total=SELLABLE))
        key = f"{self.random.getrandbits(256):043x}"[:43]
        host = enrollment.enroll(
            EnrollRequest(protocol_version=1, code=code, public_key=key, inventory=described), "192.0.2.1"
        )
        return Machine(host.id)

    # --- what people and the platform do ------------------------------------------------------------------------------

    def do_rent(self) -> None:
        order = VmCreate(
            name="web", template_id="tpl_00000000000000000000000001", vcpus=1, memory_mib=256, disk_gib=1,
            ssh_key_ids=("key",), host_id=self.random.choice(self.machines).id,
        )  # fmt: skip
        self.vm_ids.append(creation.create(VM, Spender(self.renter), order, Claim.none()).id)

    def do_order(self) -> None:
        vm = self._any_vm()
        if vm is not None:
            verb = self.random.choice([Verb.STOP, Verb.START, Verb.REBOOT, Verb.TERMINATE])
            operations.request(VM, vm, verb, by=Spender(self.renter))

    def do_dispatch(self) -> None:
        vm = self._any_vm()
        if vm is not None and vm.operation is not None:
            lifecycle.dispatch(vm.id, vm.generation, vm.attempt, "t" * 20)
            machine = self._machine(vm.host_id)
            if vm.operation is Verb.CREATE:
                machine.holds.add(vm.id)
            self.commands.append(commands.command_id(vm.id, vm.generation, vm.operation, vm.attempt))

    def do_carry_out(self) -> None:
        """An order that goes as it should."""
        going = [vm for vm in map(self._vm, self.vm_ids) if vm.operation is not None]
        if not going:
            return
        vm = self.random.choice(going)
        lifecycle.dispatch(vm.id, vm.generation, vm.attempt, "t" * 20)
        machine = self._machine(vm.host_id)
        assert vm.operation is not None
        id = commands.command_id(vm.id, vm.generation, vm.operation, vm.attempt)
        self.commands.append(id)
        command = Command.get(f"COMMAND#{id}", "COMMAND", consistent_read=True)
        if command.finished_at is None:
            if command.verb is Verb.CREATE:
                machine.holds.add(vm.id)
            self._send(machine, command, self._truth(machine, command))
        lifecycle.confirm(vm.id, vm.generation, vm.attempt)

    def do_confirm(self) -> None:
        vm = self._any_vm()
        if vm is not None:
            lifecycle.confirm(vm.id, vm.generation, vm.attempt)

    def do_recover(self) -> None:
        vm = self._any_vm()
        if vm is not None and self.random.random() < 0.5:
            lifecycle.recover(vm.id, vm.generation, vm.attempt, "States.Timeout", "")

    def do_accrue(self) -> None:
        vm = self._any_vm()
        if vm is not None:
            self._tend(vm.allocation_id)

    def do_reconcile(self) -> None:
        for machine in self.machines:
            reconciliation.reconcile_host(machine.id)
        for shard in range(SHARDS):
            reconciliation.drive_unsettled(str(shard))

    def do_declare(self) -> None:
        vm = self._any_vm()
        if vm is not None:
            losses.declare_lost(VM, vm, self.renter, Claim.none())

    def do_wait(self) -> None:
        self.now_ms += self.random.randint(1_000, 9_000)

    def do_silence(self) -> None:
        self.now_ms += self.random.choice((20, 45, 300, DAY_S + 60)) * 1000

    # --- what hosts say -----------------------------------------------------------------------------------------------

    def do_answer(self) -> None:
        """A host that tells the truth of what it was told to do."""
        command = self._any_command()
        if command is not None and command.finished_at is None:
            machine = self._machine(command.host_id)
            self._send(machine, command, self._truth(machine, command))

    def do_lie(self) -> None:
        """Wrong states, generations and hosts, twice, late, or with evidence that does not belong to it."""
        command = self._any_command()
        if command is None:
            return
        machine = self.random.choice(self.machines)
        state = self.random.choice(["running", "stopped", "gone"])
        proof: dict[str, Any] = {"kind": "vm", "state": state, "boot_id": self.random.choice(["", "boot-x"])}
        proof |= self.random.choice([{}, BANNER, {"files_left": 2}, {"uptime_ms": 10**9}])
        generation = self.random.choice([command.generation, command.generation + 1, 0])
        self._send(machine, command, VmProof.model_validate(proof), generation)

    def _truth(self, machine: Machine, command: Command) -> Proof:
        vm_id = command.workload_id
        ended: dict[str, Any] = {}
        if vm_id in machine.boots:
            boot, began_ms = machine.boots[vm_id]
            ended = {"boot_id": boot, "uptime_ms": self.now_ms - began_ms}
        if command.verb in (Verb.CREATE, Verb.START, Verb.REBOOT):
            return VmProof(kind="vm", state="running", boot_id=f"boot-{self.now_ms}", **BANNER)
        if command.verb is Verb.STOP:
            return VmProof(kind="vm", state="stopped", **ended)
        return VmProof(kind="vm", state="gone", **ended)

    def _send(self, machine: Machine, command: Command, proof: Proof, generation: int | None = None) -> None:
        report = CommandResult(generation=command.generation if generation is None else generation, proof=proof)
        received = agent_reports.result(machine.id, command.id, report)
        if not received.applied:
            return
        self.proofs.setdefault(command.workload_id, []).append((self.now_ms, proof))
        machine.boots.pop(command.workload_id, None)
        machine.stopped.discard(command.workload_id)
        if proof.state == "running":
            machine.boots[command.workload_id] = proof.boot_id, self.now_ms
        elif proof.state == "stopped":
            machine.stopped.add(command.workload_id)
        else:
            machine.holds.discard(command.workload_id)

    def do_beat(self) -> None:
        """The truth, at the pace that is asked for."""
        self.now_ms += 9_000
        for machine in self.machines:
            self._beat(machine, self._own(machine))

    def do_odd_beat(self) -> None:
        """A list that leaves out, makes up or turns round what the host has, with uptimes that it chose."""
        machine = self.random.choice(self.machines)
        listed = self._own(machine)
        for vm_id in self.vm_ids:
            choice = self.random.randrange(5)
            if choice == 0:
                listed.pop(vm_id, None)
            elif choice == 1:
                listed[vm_id] = "running", self.random.choice(["", "boot-x"]), self.random.choice([None, 10**9])
            elif choice == 2:
                listed[vm_id] = "stopped", "", None
        self._beat(machine, listed)

    def do_late_beat(self) -> None:
        """One that was held back, or replayed with an old number."""
        machine = self.random.choice(self.machines)
        back_ms = self.random.choice((12_000, 25_000, 50_000))
        signed_ms = self.now_ms - back_ms
        self._beat(machine, self._own(machine, signed_ms), iat_ms=signed_ms, replay=self.random.random() < 0.3)

    def do_told_afterwards(self) -> None:
        """A silence that is told afterwards, in steps that each look short, by a clock that is moved to suit."""
        machine = self.random.choice(self.machines)
        self._beat(machine, self._own(machine), iat_ms=self.now_ms + 28_000)
        offset_ms = -28_000
        self.now_ms += 50_000
        for delay_ms in (36_000, 22_000, 8_000, 0):
            signed_ms = self.now_ms - offset_ms - 3_000 - delay_ms
            self._beat(machine, dict.fromkeys(machine.boots, ("running", "", None)), iat_ms=signed_ms)
            offset_ms = self.now_ms - signed_ms // 1000 * 1000

    def _own(self, machine: Machine, at_ms: int | None = None) -> dict[str, tuple[str, str, int | None]]:
        now_ms = self.now_ms if at_ms is None else at_ms
        found: dict[str, tuple[str, str, int | None]] = {
            vm_id: ("running", boot, now_ms - began_ms)
            for vm_id, (boot, began_ms) in machine.boots.items()
            if began_ms <= now_ms
        }
        return found | dict.fromkeys(machine.stopped, ("stopped", "", None))

    def _beat(
        self,
        machine: Machine,
        listed: dict[str, tuple[str, str, int | None]],
        *,
        iat_ms: int | None = None,
        replay: bool = False,
    ) -> None:
        machine.seq += 0 if replay else 1
        iat = (self.now_ms if iat_ms is None else iat_ms) // 1000
        claims = AgentClaims(
            sub=machine.id, aud="sharemtc-agent", iat=iat, exp=iat + 60, jti="0" * 16, seq=machine.seq, htm="POST",
            htp="/v1/agent/heartbeat", bsh="0" * 43,
        )  # fmt: skip
        workloads = [
            {"id": vm_id, "generation": 1, "state": state, "boot_id": boot, "uptime_ms": uptime_ms}
            for vm_id, (state, boot, uptime_ms) in listed.items()
        ]
        figures = Figures(
            captured_at=clock.now(), cpu_used_percent=1, load_1m=0, memory_used_mib=1, disk_used_gib=1,
            network_rx_bytes=0, network_tx_bytes=0,
        )  # fmt: skip
        beat = Heartbeat.model_validate(
            {"protocol_version": 1, "instance": "0" * 32, "figures": figures, "workloads": workloads}
        )
        agent_reports.heartbeat(machine.id, claims, beat)
        lease = Lease.get(host_key(machine.id), LEASE)
        taken = {one.id: str(one.state) for one in lease.workloads} == {id: one[0] for id, one in listed.items()}
        if lease.seq != machine.seq or lease.last_seen_at is None or not taken:
            return
        at_ms = clock.to_ms(lease.last_seen_at)
        said = {
            # an uptime is of the moment at which its heartbeat was signed, however long that was held back
            vm_id: (state, boot, None if uptime_ms is None else iat * 1000 - uptime_ms)
            for vm_id, (state, boot, uptime_ms) in listed.items()
        }
        machine.said.append(Said(at_ms, self.now_ms, said))
        machine.holds &= said.keys() | {one for one in machine.holds if self._may_appear(one)}

    def check_money(self) -> None:
        """Meters follow their workloads, windows lie in proven time, and the ledger is what was posted."""
        paid = 0
        for vm_id in self.vm_ids:
            vm = self._vm(vm_id)
            meter = meters.find(vm.allocation_id)
            paid += meter.posted_micros
            assert meter.closed or vm.observed not in ENDED, "an open meter on an ended workload"
            going = vm.observed in ENDED or vm.operation is Verb.TERMINATE
            assert going or not meter.closed, "a closed meter on a live workload"
            machine = self._machine(meter.host_id)
            for window in check_windows(meter, vm.running_rate_nanos_per_hour, machine, self.proofs):
                self.outcome.windows += 1
                self.outcome.billed_ms += clock.elapsed_ms(window.started_at, window.ended_at)
        wallet = meters.find_wallet(self.renter)
        assert min(wallet.available_micros, wallet.held_micros) >= 0
        assert wallet.available_micros + wallet.held_micros == CREDIT_MICROS - paid
        earned = ledger.balance_micros(ledger.provider_account(self.provider))
        assert 0 <= earned <= paid

    # --- looking things up --------------------------------------------------------------------------------------------

    def _tend(self, allocation_id: str) -> None:
        reconciliation.close_left_open(allocation_id)
        accruals.accrue(allocation_id)
        reconciliation.stop_unpaid(allocation_id)

    def _vm(self, vm_id: str) -> Workload:
        return Workload.get(workload_key(vm_id), "WORKLOAD", consistent_read=True)

    def _may_appear(self, vm_id: str) -> bool:
        """Whether an order under way may still bring about what a heartbeat leaves out."""
        vm = self._vm(vm_id)
        if vm.observed in ENDED and vm.ended_at is not None:
            return clock.now() - vm.ended_at <= reconciliation.MAX_COMMAND_AGE
        return vm.operation is not None or vm.observed not in (Observed.RUNNING, Observed.STOPPED)

    def _any_vm(self) -> Workload | None:
        return self._vm(self.random.choice(self.vm_ids)) if self.vm_ids else None

    def _any_command(self) -> Command | None:
        if not self.commands:
            return None
        # the newest most often, the oldest now and then
        index = -1 - int(len(self.commands) * self.random.random() ** 3)
        return Command.get(f"COMMAND#{self.commands[index]}", "COMMAND", consistent_read=True)

    def _machine(self, host_id: str) -> Machine:
        return next(machine for machine in self.machines if machine.id == host_id)


@contextmanager
def small_platform() -> Iterator[None]:
    """Tables in memory, the platform's template, and no state machine: the programs carry its tasks out themselves."""
    os.environ.update(UNVERIFIED_PROVIDER_HOSTS="0")
    settings.cache_clear()
    before = heartbeat_batches.replace_buffer(heartbeat_batches.HeartbeatBuffer())
    sweep.reset()
    with (
        MemoryTables().serving(),
        patch.object(executions, "start", lambda vm: None),
        patch.object(executions, "is_running", lambda vm: False),
        patch.object(executions, "succeed", lambda token, output: True),
        patch.object(executions, "fail", lambda token, error, cause: True),
        patch.object(agent_reports, "wake_reconciler", lambda message: None),
        patch.object(authorized_keys, "public_keys", lambda user_id, ids: ("ssh-ed25519 AAAA",)),
        patch.object(authorized_keys, "mark_used", lambda user_id, ids, at: None),
    ):
        catalog.ensure_platform_templates()
        yield
    heartbeat_batches.replace_buffer(before)


def run_programs(seeds: range, *, steps: int = 40, together: int = 25) -> Outcome:
    """Run a program for each seed. Errors: `AssertionError` naming the seed of one that broke a rule."""
    outcome = Outcome()
    for start in range(seeds.start, seeds.stop, together):
        with small_platform():
            for seed in range(start, min(start + together, seeds.stop)):
                heartbeat_batches.replace_buffer(heartbeat_batches.HeartbeatBuffer())
                try:
                    Program(seed, outcome).run(steps)
                except AssertionError as error:
                    error.add_note(f"seed {seed}")
                    raise
    return outcome


def main(arguments: list[str]) -> int:
    """Print what so many programs came to."""
    number = int(arguments[0]) if arguments else 1_000
    first = int(arguments[1]) if len(arguments) > 1 else 0
    begun = time.process_time()
    outcome = run_programs(range(first, first + number))
    print(f"{outcome.programs} programs, {sum(outcome.steps.values())} steps, {time.process_time() - begun:.0f} s CPU")
    print(f"{outcome.windows} windows posted, {outcome.billed_ms / 3.6e6:.1f} h billed, none without proof")
    print("refused:", dict(outcome.refused.most_common(12)))
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
