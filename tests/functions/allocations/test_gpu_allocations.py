"""GPUs in quotes, placement and allocations: named by UUID, held by one allocation at a time, priced by model."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.functions.hosts.inventory.test_devices import devices, gpu, join, report
from tests.support.world import TEMPLATE_ID, Host, Person, World

from sharemtc import clock
from sharemtc.allocations import placement, quoting
from sharemtc.allocations import service as allocations
from sharemtc.allocations.refusals import NoCapacity
from sharemtc.allocations.service import SliceGone
from sharemtc.allocations.states import AllocationState
from sharemtc.allocations.table import Allocation
from sharemtc.billing.quotes import find_for_order
from sharemtc.billing.schemas import QuoteCreate
from sharemtc.billing.spending import Spender
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.table import Device, device_key
from sharemtc.idempotency import Claim
from sharemtc.ids import new_id
from sharemtc.money import GpuPrice, Prices
from sharemtc.problems import Invalid
from sharemtc.resources import Demand, Slice
from sharemtc.storage.transactions import Transaction
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads import service as workloads
from sharemtc.workloads.kinds import VM
from sharemtc.workloads.vms import VmCreate

RTX, A100 = "RTX 4090", "A100"


class GpuOrder(VmCreate):
    """An order for GPUs, as the API will take."""

    gpus: int = 1
    gpu_model: str = RTX

    @property
    def demand(self) -> Demand:
        return Demand(self.vcpus, self.memory_mib, self.disk_gib, self.gpus, self.gpu_model)


class GpuQuote(QuoteCreate):
    """A request for a price of GPUs."""

    gpus: int = 1
    gpu_model: str = RTX

    @property
    def demand(self) -> Demand:
        return Demand(self.vcpus, self.memory_mib, self.disk_gib, self.gpus, self.gpu_model)


def add_host(world: World, provider: Person, *gpus: dict[str, Any]) -> Host:
    host, answer = join(world, provider, *gpus)
    assert answer.status == 201, answer.text
    assert host.heartbeat().status == 200
    return host


def cards(*numbers: int, model: str = RTX) -> list[dict[str, Any]]:
    return [gpu(number, model=model) for number in numbers]


def rent(renter: Person, **changes: Any) -> Allocation:
    """Rent a VM with GPUs; its allocation."""
    vm = workloads.create(VM, Spender(renter.user_id), GpuOrder(**renter.order(**changes)), Claim.none())
    return allocations.find(vm.allocation_id)


def holder(uuid: str) -> str | None:
    device = Device.find(device_key(uuid), "DEVICE")
    assert device is not None
    return device.allocation_id


def check_gpus(machines: list[Host]) -> None:
    """Each GPU on sale is free or held by one live allocation, which its device names."""
    for host in machines:
        capacity, _ = read_state(host.id)
        live = [allocations.find(one.id) for one in allocations.live_on(host.id)]
        held = Counter(uuid for one in live for uuid in one.held.gpu_uuids)
        free = capacity.free_gpus or set()
        assert set(held.values()) <= {1}, "sold twice"
        assert not free & held.keys(), "free and sold"
        assert free | held.keys() == capacity.offered_gpus
        by_device = {uuid: holder(uuid) for uuid in capacity.offered_gpus}
        assert by_device == {
            uuid: next((one.id for one in live if uuid in one.held.gpu_uuids), None) for uuid in by_device
        }


class TestQuote:
    def test_has_a_line_for_the_gpus_at_their_models_price_and_is_honoured(
        self, world: World, provider: Person, renter: Person
    ) -> None:
        host = add_host(world, provider, *cards(1, 2), gpu(3, model=A100))
        terms = {
            "vcpu_nanos_per_hour": 0, "memory_gib_nanos_per_hour": 0, "disk_gib_nanos_per_hour": 7,
            "gpus": [{"model": RTX, "nanos_per_hour": 250_000_000}, {"model": A100, "nanos_per_hour": 9}],
        }  # fmt: skip
        path = f"/v1/provider/hosts/{host.id}/prices"
        assert provider.call("POST", path, terms).status == 201
        size = {"template_id": TEMPLATE_ID, "vcpus": 1, "memory_mib": 256, "disk_gib": 1}
        quoted = quoting.quote(renter.user_id, GpuQuote(**size, gpus=2), Claim.none())
        assert quoted.lines[-1].model_dump() == {
            "item": "gpu", "quantity": 2, "unit": RTX,
            "unit_rate_nanos_per_hour": 250_000_000, "rate_nanos_per_hour": 500_000_000,
        }  # fmt: skip
        assert (quoted.gpus, quoted.gpu_model) == (2, RTX)
        assert (quoted.rate_nanos_per_hour, quoted.stopped_rate_nanos_per_hour) == (500_000_007, 7)
        provider.call("POST", path, {**terms, "gpus": [{"model": RTX, "nanos_per_hour": 999_000_000}]})
        with pytest.raises(Invalid) as refused:
            find_for_order(renter.user_id, quoted.id, GpuOrder(**renter.order()))
        assert [error.pointer for error in refused.value.errors] == ["/gpus"]
        allocation = rent(renter, quote_id=quoted.id, gpus=2)
        assert allocation.running_rate_nanos_per_hour == 500_000_007
        assert allocation.held.gpu_uuids == {"GPU-1", "GPU-2"}

    def test_an_order_without_gpus_costs_what_it_did(self, world: World, provider: Person, renter: Person) -> None:
        add_host(world, provider, *cards(1))
        size = {"template_id": TEMPLATE_ID, "vcpus": 1, "memory_mib": 256, "disk_gib": 1}
        quoted = renter.call("POST", "/v1/billing/quotes", size).json
        assert [line["item"] for line in quoted["lines"]] == ["vcpu", "memory", "disk"]
        assert (quoted["gpus"], quoted["gpu_model"]) == (0, None)
        assert renter.rent().status == 201
        assert read_state(hosts.on_the_market()[0].host.id)[0].free_gpus == {"GPU-1"}


class TestRefusal:
    def test_names_the_gpus_that_are_missing(self, world: World, provider: Person, renter: Person) -> None:
        one = add_host(world, provider, *cards(1))
        add_host(world, provider, gpu(2, model=A100))
        with pytest.raises(NoCapacity) as refused:
            rent(renter, gpus=2)
        told = refused.value.detail
        assert told.startswith("0 of 2 hosts fit: 2 hosts with at most 1 of 2 RTX 4090 GPUs free.")
        assert "No host offers more than 1 RTX 4090 GPUs." in told
        assert told.endswith("Nearest: 1 vCPUs, 256 MiB, 1 GiB, 1 RTX 4090 GPUs on box.")
        assert refused.value.extra["nearest"]["host_id"] == one.id
        assert refused.value.extra["constraints"] == [
            {
                "constraint": "gpus", "rejected": 2, "would_match": 2,
                "needed": 2, "largest_free": 1, "largest_offered": 1,
            }
        ]  # fmt: skip

    def test_gpus_without_a_price_or_withheld_are_not_sold(
        self, world: World, provider: Person, renter: Person
    ) -> None:
        host = add_host(world, provider, *cards(1, 2))
        assert report(world, host, *cards(2)).status == 200
        assert rent(renter).held.gpu_uuids == {"GPU-2"}, "the other is not reported any more"
        assert report(world, host, *cards(1, 2)).status == 200
        terms = {"vcpu_nanos_per_hour": 0, "memory_gib_nanos_per_hour": 0, "disk_gib_nanos_per_hour": 0, "gpus": []}
        assert provider.call("POST", f"/v1/provider/hosts/{host.id}/prices", terms).status == 201
        with pytest.raises(NoCapacity):
            rent(renter)


class TestLife:
    def test_gpus_are_held_while_it_runs_and_by_nobody_once_it_has_ended(
        self, world: World, provider: Person, renter: Person
    ) -> None:
        host = add_host(world, provider, *cards(1, 2), gpu(3, model=A100))
        allocation = rent(renter, gpus=2)
        assert allocation.demand == Demand(1, 256, 1, 2, RTX)
        check_gpus([host])
        assert devices(provider, host) == {"GPU-1": "leased", "GPU-2": "leased", "GPU-3": "free"}
        (row,) = provider.call("GET", "/v1/provider/allocations").json["items"]
        assert (row["gpus"], row["gpu_model"]) == (2, RTX)
        vm_id = allocation.workload_id
        world.carry_out(renter, host, vm_id, "running")
        renter.act(vm_id, "terminate")
        check_gpus([host])
        assert devices(provider, host)["GPU-1"] == "leased", "not proved gone yet"
        world.carry_out(renter, host, vm_id, "gone")
        check_gpus([host])
        assert allocations.find(allocation.id).held == Slice()
        assert set(devices(provider, host).values()) == {"free"}

    def test_a_stopped_one_gives_them_back_and_starts_with_any_of_the_model(
        self, world: World, provider: Person, renter: Person
    ) -> None:
        host = add_host(world, provider, *cards(1))
        allocation = rent(renter)
        vm_id = allocation.workload_id
        world.carry_out(renter, host, vm_id, "running")
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        assert allocations.find(allocation.id).held == Slice(disk_gib=1)
        check_gpus([host])
        other = rent(renter, name="web-2")
        refused = renter.act(vm_id, "start")
        assert (refused.status, refused.code) == (409, "host_full")
        assert refused.json["detail"].startswith("box has 0 of 1 RTX 4090 GPUs free, 1 needed.")
        renter.act(other.workload_id, "terminate")
        world.carry_out(renter, host, other.workload_id, "gone")
        assert renter.act(vm_id, "start").status == 202
        assert allocations.find(allocation.id).held.gpu_uuids == {"GPU-1"}
        check_gpus([host])

    @pytest.mark.parametrize("proved", [True, False])
    def test_placed_elsewhere_it_takes_others_and_leaves_the_first_until_they_are_proved_free(
        self, world: World, provider: Person, renter: Person, proved: bool
    ) -> None:
        machines = [add_host(world, provider, *cards(1)), add_host(world, provider, *cards(2))]
        allocation = rent(renter)
        first = next(host for host in machines if host.id == allocation.host_id)
        vm = renter.vm(allocation.workload_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = first.commands()
        if proved:
            first.result(command, failure={"code": "boot_timeout", "detail": ""})
        error = {"Error": "CommandFailed" if proved else "States.Timeout"}
        assert world.task("recover", vm, error=error)["attempt"] == 2
        moved = allocations.find(allocation.id)
        (uuid,) = moved.held.gpu_uuids
        assert (moved.host_id, holder(uuid)) == (renter.vm(vm["id"])["host_id"], moved.id)
        assert moved.host_id != first.id
        check_gpus(machines)
        assert (read_state(first.id)[0].free_gpus is not None) == proved
        leftovers = allocations.live_on(first.id)
        assert len(leftovers) == (0 if proved else 1)
        for one in leftovers:
            transaction = Transaction()
            allocations.end(transaction, allocations.find(one.id), AllocationState.TERMINATED, clock.now())
            transaction.commit()
        check_gpus(machines)
        assert read_state(first.id)[0].free_gpus is not None

    def test_a_gpu_that_is_held_moves_to_no_other_machine(self, world: World, provider: Person, renter: Person) -> None:
        host = add_host(world, provider, *cards(1))
        rent(renter)
        assert report(world, host).status == 200
        assert join(world, provider, *cards(1))[1].status == 422
        check_gpus([host])


class TestRace:
    def test_a_buyer_whose_gpu_was_taken_gets_another_of_the_same_host(
        self, world: World, provider: Person, renter: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host = add_host(world, provider, *cards(1, 2, 3))
        open_allocation = allocations.open_allocation
        raced: list[Allocation] = []

        def open_second(transaction: Transaction, at: Any, **options: Any) -> Allocation:
            made = open_allocation(transaction, at, **options)
            if len(raced) < 2:  # another takes the same ones before this one commits
                other = Transaction()
                options["workload_id"] = f"vm_{len(raced)}"
                with monkeypatch.context() as patch:
                    patch.setattr(offering, "choose", lambda *_: made.held)
                    raced.append(open_allocation(other, at, **options))
                other.commit()
            return made

        monkeypatch.setattr(allocations, "open_allocation", open_second)
        got = rent(renter)
        assert len(raced) == 2
        held = [one.held.gpu_uuids for one in (*raced, got)]
        assert frozenset().union(*held) == {"GPU-1", "GPU-2", "GPU-3"}
        check_gpus([host])
        with pytest.raises(NoCapacity):
            rent(renter, name="web-4")

    def test_two_who_want_the_same_one_get_it_once(self, world: World, provider: Person, renter: Person) -> None:
        host = add_host(world, provider, *cards(1))
        at = hosts.status_of(hosts.find(host.id))
        demand = Demand(1, 256, 1, 1, RTX)
        first, second = Transaction(), Transaction()
        for number, transaction in enumerate((first, second)):
            allocations.open_allocation(
                transaction, at, spender=Spender(renter.user_id), workload_id=f"vm_{number}", demand=demand,
                prices=at.prices, now=clock.now(),
            )  # fmt: skip
        first.commit()
        with pytest.raises(SliceGone):
            second.commit()
        check_gpus([host])


STEP = st.tuples(
    st.sampled_from(["look", "rent", "rent", "rent", "stop", "start", "end", "report"]),
    st.integers(0, 9),
    st.integers(1, 3),
)


class Program:
    """Buyers of three GPUs on each of two hosts, who decide by what they saw when they last looked."""

    def __init__(self, world: World, tag: str) -> None:
        provider = world.join(f"provider-{tag}@example.com")
        self.world, self.spender = world, Spender(world.join(f"renter-{tag}@example.com").user_id)
        self.cards = [[{**gpu(0), "uuid": f"GPU-{tag}-{host}-{card}"} for card in range(3)] for host in range(2)]
        self.machines = [add_host(world, provider, *own) for own in self.cards]
        self.made: list[str] = []
        self.look()

    def look(self) -> None:
        self.seen = [hosts.status_of(hosts.find(machine.id)) for machine in self.machines]

    def do(self, what: str, pick: int, count: int) -> None:
        live = [one for one in map(allocations.find, self.made) if one.live_host_id]
        if what == "look":
            self.look()
        elif what == "report":
            assert report(self.world, self.machines[pick % 2], *self.cards[pick % 2][: 3 - pick % 3]).status == 200
        elif what == "rent":
            self.rent(self.seen[pick % 2], count)
        elif live:
            self.change(what, live[pick % len(live)])

    def rent(self, at: HostStatus, count: int) -> None:
        if placement.free(at, A100).gpus < count:
            return
        transaction = Transaction()
        made = allocations.open_allocation(
            transaction, at, spender=self.spender, workload_id=new_id(WorkloadKind.VM),
            demand=Demand(0, 0, 0, count, A100), prices=Prices(0, 0, 0, gpus=(GpuPrice(A100, 0),)), now=clock.now(),
        )  # fmt: skip
        with suppress(SliceGone):
            transaction.commit()
            self.made.append(made.id)

    def change(self, what: str, one: Allocation) -> None:
        transaction, stopped = Transaction(), one.state is AllocationState.STOPPED
        if what == "end":
            allocations.end(transaction, one, AllocationState.TERMINATED, clock.now())
        elif what == "stop" and not stopped:
            allocations.release_processors(transaction, one)
        elif what == "start" and stopped:
            at = self.seen[[machine.id for machine in self.machines].index(one.host_id)]
            if placement.shortage(at, allocations.released(one)):
                return
            allocations.retake_processors(transaction, one, at)
        else:
            return
        with suppress(SliceGone):
            transaction.commit()


class TestPrograms:
    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=st.lists(STEP, min_size=25, max_size=40))
    def test_no_gpu_is_sold_twice(self, world: World, steps: list[tuple[str, int, int]]) -> None:
        program = Program(world, str(id(steps)))
        for what, pick, count in steps:
            program.do(what, pick, count)
            check_gpus(program.machines)
        for one in map(allocations.find, program.made):
            if one.live_host_id:
                program.change("end", one)
        check_gpus(program.machines)
        free = [read_state(machine.id)[0].free_gpus for machine in program.machines]
        assert free == [{card["uuid"] for card in own} for own in program.cards]
