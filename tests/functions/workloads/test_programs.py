"""Programs of random operations: whatever people and hosts do, nothing is sold twice or made of air."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.world import Host, Person, World

from sharemtc.allocations import service as allocations
from sharemtc.billing import ledger, meters
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.workloads.table import Workload, workload_key

SELLABLE = {"vcpus": 3, "memory_mib": 1024, "disk_gib": 4}
STEP = st.tuples(
    st.sampled_from(
        ["rent", "rent", "stop", "start", "reboot", "terminate", "prove", "prove", "fail", "accrue", "wait"]
    ),
    st.integers(0, 7),
    st.integers(1, 3),
)


class Program:
    """Two renters on two hosts, and what was done so far."""

    def __init__(self, world: World, tag: str) -> None:
        provider = world.join(f"provider-{tag}@example.com")
        self.world = world
        self.renters = [world.join(f"renter-{tag}-{number}@example.com") for number in range(2)]
        self.hosts = [provider.add_host(name=f"{tag}-{number}", sellable=SELLABLE) for number in range(2)]
        self.vms: list[tuple[Person, str]] = []
        self.hosts_by_id = {host.id: host for host in self.hosts}
        self.beat()

    def beat(self) -> None:
        for host in self.hosts:
            assert host.heartbeat().status == 200

    def do(self, what: str, pick: int, size: int) -> None:
        """One step; what the state does not allow is refused and changes nothing."""
        if what == "rent":
            self.rent(pick, size)
        elif what == "wait":
            self.world.time.advance(timedelta(seconds=10 * size))
            self.beat()
        elif what == "accrue":
            self.world.accrue()
        elif self.vms:
            renter, vm_id = self.vms[pick % len(self.vms)]
            if what in ("prove", "fail"):
                self.answer(renter, vm_id, succeed=what == "prove")
            else:
                assert renter.act(vm_id, what).status in (202, 402, 409)

    def rent(self, pick: int, size: int) -> None:
        renter, host = self.renters[pick % 2], self.hosts[pick // 2 % 2]
        answer = renter.rent(host_id=host.id, vcpus=size, memory_mib=128 * size)
        assert answer.status in (201, 409), answer.text
        if answer.status == 201:
            self.vms.append((renter, answer.json["id"]))

    def answer(self, renter: Person, vm_id: str, *, succeed: bool) -> None:
        """Carry the VM's present order to its host and back."""
        vm = renter.vm(vm_id)
        host = self.hosts_by_id[vm["host_id"]]
        if vm["status"] not in ("pending", "provisioning", "starting", "stopping", "rebooting", "terminating"):
            return
        attempt = Workload.get(workload_key(vm_id), "WORKLOAD").attempt
        self.world.task("dispatch", vm, attempt, token="t" * 20)
        command = next((one for one in host.commands() if one["workload_id"] == vm_id), None)
        if command is None:
            return
        state = {"stop": "stopped", "terminate": "gone"}.get(command["verb"], "running")
        if succeed:
            host.prove(command, state)
            self.world.task("confirm", vm, attempt)
        else:
            host.result(command, failure={"code": "boot_timeout", "detail": ""})
            self.world.task("recover", vm, attempt, error={"Error": "CommandFailed"})

    def check(self) -> None:
        """Free and held make up what each host sells; every wallet is what its entries say."""
        for host in self.hosts:
            self.check_capacity(host)
        for renter in self.renters:
            self.check_money(renter)

    @staticmethod
    def check_capacity(host: Host) -> None:
        capacity, _ = read_state(host.id)
        live = [allocations.find(one.id) for one in allocations.live_on(host.id)]
        for name, whole in SELLABLE.items():
            free = getattr(capacity, f"free_{name}")
            assert free >= 0
            assert free + sum(getattr(one.held, name) for one in live) == whole, name

    @staticmethod
    def check_money(renter: Person) -> None:
        wallet = meters.find_wallet(renter.user_id)
        assert min(wallet.available_micros, wallet.held_micros) >= 0
        sums: Counter[str] = Counter()
        for item in renter.call("GET", "/v1/billing/ledger?limit=200").json["items"]:
            assert sum(entry["amount_micros"] for entry in item["entries"]) == 0
            for entry in item["entries"]:
                sums[entry["account"]] += entry["amount_micros"]
        assert sums[ledger.wallet_account(renter.user_id)] == wallet.available_micros
        assert sums[ledger.holds_account(renter.user_id)] == wallet.held_micros

    def end(self) -> None:
        """End everything: all capacity is sellable again, nothing is held."""
        for renter, vm_id in self.vms:
            assert renter.act(vm_id, "terminate").status in (202, 409)
            self.world.time.advance(timedelta(seconds=31))
            self.answer(renter, vm_id, succeed=True)
        for host in self.hosts:
            capacity, _ = read_state(host.id)
            assert {name: getattr(capacity, f"free_{name}") for name in SELLABLE} == SELLABLE
        for renter in self.renters:
            assert meters.find_wallet(renter.user_id).held_micros == 0
            self.check_money(renter)


class TestPrograms:
    @settings(
        max_examples=3,
        deadline=None,
        derandomize=True,
        # a program takes seconds: the one that fails is told as it is
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=st.lists(STEP, min_size=20, max_size=30))
    def test_hold_every_invariant_after_every_step(self, world: World, steps: list[Any]) -> None:
        program = Program(world, f"p{id(steps)}")
        for what, pick, size in steps:
            program.do(what, pick, size)
            program.check()
        program.end()
