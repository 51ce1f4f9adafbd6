"""The main thread through the real functions: rent, run, pay, stop, start, terminate; and every way it can go wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.functions.conftest import Time
from tests.functions.world import Host, Person, World

from sharemtc import money
from sharemtc.billing import ledger
from sharemtc.hosts.liveness import read_state

WHOLE = {"vcpus": 4, "memory_mib": 8192, "disk_gib": 100}
START_MICROS = 10_000_000


@pytest.fixture
def world(time: Time) -> World:
    return World.start(time)


@pytest.fixture
def renter(world: World) -> Person:
    return world.join("renter@example.com")


@pytest.fixture
def provider(world: World) -> Person:
    return world.join("provider@example.com")


@pytest.fixture
def host(provider: Person) -> Host:
    host = provider.add_host()
    assert host.heartbeat().status == 200
    return host


def free(host: Host) -> dict[str, int]:
    capacity, _ = read_state(host.id)
    return {
        "vcpus": capacity.free_vcpus,
        "memory_mib": capacity.free_memory_mib,
        "disk_gib": capacity.free_disk_gib,
    }


def run(world: World, renter: Person, host: Host) -> str:
    """A VM that runs."""
    answer = renter.rent()
    assert answer.status == 201, answer.text
    vm_id = str(answer.json["id"])
    world.carry_out(renter, host, vm_id, "running")
    return vm_id


def wait(world: World, host: Host, seconds: int) -> None:
    """Let time pass, with a heartbeat at its last full ten seconds."""
    world.time.advance(timedelta(seconds=seconds - seconds % 10))
    assert host.heartbeat().status == 200
    world.time.advance(timedelta(seconds=seconds % 10))


class TestThread:
    def test_rents_runs_pays_stops_starts_and_ends(self, world: World, renter: Person, host: Host) -> None:
        ordered = renter.rent().json
        vm_id = ordered["id"]
        assert (ordered["status"], ordered["billable"], ordered["spent_micros"]) == ("pending", False, 0)
        assert free(host) == {"vcpus": 3, "memory_mib": 7936, "disk_gib": 99}
        world.time.advance(timedelta(seconds=7))
        world.carry_out(renter, host, vm_id, "running")
        running = renter.vm(vm_id)
        assert (running["status"], running["billable"]) == ("running", True)
        assert running["connect"]["command"] == "ssh -p 2222 root@127.0.0.1"
        assert running["spent_micros"] == 0, "the time before it ran is free"

        wait(world, host, 90)
        rate = running["running_rate_nanos_per_hour"]
        assert renter.vm(vm_id)["spent_micros"] == money.cumulative_micros(rate, 90_000)
        assert world.accrue() == 1
        assert renter.vm(vm_id)["spent_micros"] == money.cumulative_micros(rate, 90_000)

        wait(world, host, 13)
        assert renter.act(vm_id, "stop").json["status"] == "stopping"
        ran_micros = money.cumulative_micros(rate, 103_000)
        world.time.advance(timedelta(seconds=5))
        world.carry_out(renter, host, vm_id, "stopped")
        stopped = renter.vm(vm_id)
        assert stopped["status"] == "stopped"
        assert free(host) == {"vcpus": 4, "memory_mib": 8192, "disk_gib": 99}, "a stopped machine holds its disk"

        wait(world, host, 3600)
        assert renter.act(vm_id, "start").status == 202
        assert free(host) == {"vcpus": 3, "memory_mib": 7936, "disk_gib": 99}
        world.carry_out(renter, host, vm_id, "running")
        stopped_micros = money.cumulative_micros(stopped["stopped_rate_nanos_per_hour"], 3_605_000)
        wait(world, host, 20)
        assert renter.act(vm_id, "terminate").json["status"] == "terminating"
        due = ran_micros + stopped_micros + money.cumulative_micros(rate, 20_000)
        assert renter.balance()["settled_micros"] == START_MICROS - due
        assert renter.balance()["held_micros"] == 0
        assert free(host) == {"vcpus": 3, "memory_mib": 7936, "disk_gib": 99}, "not proved gone yet"
        wait(world, host, 30)
        world.carry_out(renter, host, vm_id, "gone")
        ended = renter.vm(vm_id)
        assert (ended["status"], ended["actions"], ended["spent_micros"]) == ("terminated", [], due)
        assert free(host) == WHOLE
        assert ended["billed_s"] == 103 + 3605 + 20

    def test_ledger_sums_to_zero_and_pays_the_provider(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 600)
        world.accrue()
        wait(world, host, 45)
        renter.act(vm_id, "terminate")
        spent = renter.vm(vm_id)["spent_micros"]
        items = renter.call("GET", "/v1/billing/ledger?limit=200").json["items"]
        assert {item["kind"] for item in items} == {"starting_credit", "hold", "accrual", "settlement"}
        for item in items:
            assert sum(entry["amount_micros"] for entry in item["entries"]) == 0
        assert sum(item["amount_micros"] for item in items) == START_MICROS - spent
        earned = ledger.balance_micros(ledger.provider_account(provider.user_id))
        fees = ledger.balance_micros(ledger.PLATFORM_FEES)
        assert (earned + fees, fees) == (spent, money.fee_micros(spent, 1000))
        allocation = renter.vm(vm_id)["allocation_id"]
        accruals = renter.call("GET", f"/v1/billing/accruals?allocation_id={allocation}").json["items"]
        assert sum(accrual["amount_micros"] for accrual in accruals) == spent

    def test_accrual_repeated_changes_nothing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        for _ in range(4):
            world.accrue()
        assert renter.balance()["settled_micros"] == START_MICROS - renter.vm(vm_id)["spent_micros"]
        assert len(renter.call("GET", "/v1/billing/ledger").json["items"]) == 3

    def test_reboot_keeps_billing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 10)
        assert renter.act(vm_id, "reboot").json["status"] == "rebooting"
        world.carry_out(renter, host, vm_id, "running")
        assert renter.vm(vm_id)["status"] == "running"
        rate = renter.vm(vm_id)["running_rate_nanos_per_hour"]
        assert renter.vm(vm_id)["spent_micros"] == money.cumulative_micros(rate, 10_000)

    def test_phases_follow_real_signals(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]

        def states() -> list[str]:
            return [phase["state"] for phase in renter.vm(vm_id)["phases"]]

        assert states() == ["active", "waiting", "waiting", "waiting", "waiting"]
        world.task("dispatch", renter.vm(vm_id), token="t" * 20)
        assert states() == ["done", "active", "waiting", "waiting", "waiting"]
        (command,) = host.commands()
        for phase in ("preparing", "booting"):
            world.time.advance(timedelta(seconds=2))
            assert host.send("POST", f"/v1/agent/commands/{command['id']}/progress", {"phase": phase}).status == 200
        assert states() == ["done", "done", "done", "active", "waiting"]
        assert renter.vm(vm_id)["phases"][2]["elapsed_ms"] == 2000
        host.prove(command, "running")
        world.task("confirm", renter.vm(vm_id))
        assert states() == ["done"] * 5


class TestIdempotency:
    def test_one_key_makes_one_vm_and_the_same_bytes(self, renter: Person, host: Host) -> None:
        body = renter.order()
        headers = {"Idempotency-Key": "order-1"}
        first = renter.call("POST", "/v1/resources/vms", body, headers=headers)
        again = renter.call("POST", "/v1/resources/vms", body, headers=headers)
        assert (first.status, first.text) == (201, again.text)
        assert len(renter.call("GET", "/v1/resources/vms").json["items"]) == 1
        other = renter.call("POST", "/v1/resources/vms", {**body, "name": "other"}, headers=headers)
        assert (other.status, other.code) == (409, "idempotency_key_reused")


class TestRefusals:
    def test_says_why_nothing_fits(self, renter: Person, host: Host) -> None:
        answer = renter.rent(vcpus=64)
        assert (answer.status, answer.code) == (409, "no_capacity")
        assert answer.json["constraints"] == [{"constraint": "vcpus", "rejected": 1, "would_match": 1}]
        assert free(host) == WHOLE

    def test_refuses_what_the_wallet_does_not_cover(self, renter: Person, provider: Person) -> None:
        host = provider.add_host(
            sellable={"vcpus": 4000, "memory_mib": 8192, "disk_gib": 100},
            total={"vcpus": 4000, "memory_mib": 8192, "disk_gib": 100},
        )
        host.heartbeat()
        answer = renter.rent(vcpus=1000)
        assert (answer.status, answer.code) == (402, "insufficient_funds")
        assert renter.balance()["held_micros"] == 0
        assert free(host)["vcpus"] == 4000

    def test_a_silent_host_sells_nothing(self, world: World, renter: Person, host: Host) -> None:
        world.time.advance(timedelta(seconds=16))
        assert renter.rent().json["constraints"][0]["constraint"] == "alive"

    def test_foreign_and_missing_look_the_same(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        stranger = world.join("stranger@example.com")
        missing = vm_id[:-4] + "0000"
        for method, suffix in (("GET", ""), ("GET", "/events"), ("POST", "/stop"), ("POST", "/terminate")):
            foreign = stranger.call(method, f"/v1/resources/vms/{vm_id}{suffix}")
            none = stranger.call(method, f"/v1/resources/vms/{missing}{suffix}")
            assert (foreign.status, foreign.text) == (404, none.text)
        allocation = renter.vm(vm_id)["allocation_id"]
        assert stranger.call("GET", f"/v1/billing/accruals?allocation_id={allocation}").status == 404
        assert stranger.call("GET", "/v1/resources/vms").json["items"] == []
        assert renter.vm(vm_id)["status"] == "running"

    def test_an_order_must_fit_the_state(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        answer = renter.act(vm_id, "start")
        assert (answer.status, answer.code) == (409, "not_allowed_now")
        assert answer.json["actions"] == ["stop", "reboot", "terminate"]

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"name": "Web_1"}, "/name"),
            ({"vcpus": 0}, "/vcpus"),
            ({"memory_mib": 64}, "/memory_mib"),
            ({"template_id": "tpl_x"}, "/template_id"),
            ({"ssh_key_ids": []}, "/ssh_key_ids"),
            ({"ssh_key_ids": ["key_x"]}, "/ssh_key_ids/0"),
            ({"colour": "red"}, "/colour"),
            ({"quote_id": "quo_x"}, "/quote_id"),
        ],
    )
    def test_names_the_field(self, renter: Person, host: Host, change: dict[str, object], pointer: str) -> None:
        answer = renter.rent(**change)
        assert (answer.status, answer.pointers) == (422, [pointer])


class TestQuotes:
    def test_a_quote_is_honoured_and_expires(self, world: World, renter: Person, host: Host) -> None:
        size = {"template_id": renter.order()["template_id"], "vcpus": 1, "memory_mib": 256, "disk_gib": 1}
        quote = renter.call("POST", "/v1/billing/quotes", size).json
        assert sum(line["rate_nanos_per_hour"] for line in quote["lines"]) == quote["rate_nanos_per_hour"]
        vm = renter.rent(quote_id=quote["id"]).json
        assert vm["running_rate_nanos_per_hour"] == quote["rate_nanos_per_hour"]
        assert renter.rent(quote_id=quote["id"], vcpus=2).pointers == ["/quote_id"]
        world.time.advance(timedelta(seconds=301))
        assert renter.rent(quote_id=quote["id"]).code == "quote_expired"


class TestFailures:
    def test_a_machine_that_never_boots_costs_nothing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        host.result(command, failure={"code": "boot_timeout", "detail": "no banner"})
        world.time.advance(timedelta(seconds=60))
        answer = world.task("recover", vm, error={"Error": "CommandFailed", "Cause": "boot_timeout"})
        assert answer["again"] is False
        failed = renter.vm(vm_id)
        assert (failed["status"], failed["failure"]["code"]) == ("failed", "boot_timeout")
        assert failed["phases"][1]["state"] == "failed"
        assert (failed["spent_micros"], renter.balance()["settled_micros"]) == (0, START_MICROS)
        assert renter.balance()["held_micros"] == 0
        assert free(host) == WHOLE

    def test_is_placed_elsewhere_once(self, world: World, renter: Person, provider: Person, host: Host) -> None:
        other = provider.add_host(name="other")
        other.heartbeat()
        vm_id = renter.rent(host_id=host.id).json["id"]
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        host.result(command, failure={"code": "boot_timeout", "detail": "no banner"})
        assert world.task("recover", vm, error={"Error": "CommandFailed"}) == {"again": True, "attempt": 2}
        assert (free(host), free(other)["vcpus"]) == (WHOLE, 3)
        world.task("dispatch", vm, attempt=2, token="t" * 20)
        (command,) = other.commands()
        other.prove(command, "running")
        world.task("confirm", vm, attempt=2)
        moved = renter.vm(vm_id)
        assert (moved["status"], moved["host_id"]) == ("running", other.id)

    def test_a_silent_hosts_slice_is_kept_until_it_proves(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        wait(world, host, 130)
        world.task("recover", vm, error={"Error": "States.Timeout", "Cause": ""})
        assert renter.vm(vm_id)["failure"]["code"] == "host_silent"
        assert renter.balance()["settled_micros"] == START_MICROS
        assert free(host)["vcpus"] == 3, "the host may still run it"
        world.reconcile()
        assert free(host)["vcpus"] == 3, "an order under way could still make it appear"
        host.workloads.append({"id": vm_id, "generation": 1, "state": "running", "ssh_port": 2222})
        wait(world, host, 160)
        world.reconcile()
        assert free(host)["vcpus"] == 3, "and so it did"
        assert host.heartbeat().json["orphans"] == [vm_id]
        host.workloads.clear()
        wait(world, host, 10)
        world.reconcile()
        assert free(host) == WHOLE

    def test_a_late_result_of_a_superseded_order_changes_nothing(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = renter.rent().json["id"]
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        assert renter.act(vm_id, "terminate").status == 202
        host.prove(command, "running")
        with pytest.raises(Exception, match=vm_id):
            world.task("confirm", vm)
        assert renter.vm(vm_id)["status"] == "terminating"
        assert renter.balance()["settled_micros"] == START_MICROS
        world.carry_out(renter, host, vm_id, "gone")
        assert free(host) == WHOLE

    def test_results_told_twice_apply_once(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        assert host.prove(command, "running").json == {"applied": True}
        world.time.advance(timedelta(seconds=5))
        assert host.prove(command, "running").json == {"applied": False}
        world.task("confirm", vm)
        assert renter.vm(vm_id)["billed_s"] == 5, "billed from the first proof"

    def test_a_lost_execution_is_driven_again(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        world.time.advance(timedelta(seconds=30))
        assert world.reconcile()["driven"] == 0, "its execution is under way"
        world.lose_executions()
        assert world.reconcile()["driven"] == 1
        world.carry_out(renter, host, vm_id, "running")
        world.time.advance(timedelta(seconds=30))
        assert world.reconcile()["driven"] == 0


class TestReconciliation:
    def test_a_crashed_machine_is_started_again_and_the_gap_is_free(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        host.workloads[0] |= {"state": "stopped"}
        wait(world, host, 10)
        world.reconcile()
        assert renter.vm(vm_id)["status"] == "starting"
        wait(world, host, 10)
        world.carry_out(renter, host, vm_id, "running")
        vm = renter.vm(vm_id)
        paid = money.cumulative_micros(vm["running_rate_nanos_per_hour"], 60_000)
        idle = money.cumulative_micros(vm["stopped_rate_nanos_per_hour"], 20_000)
        assert vm["spent_micros"] == paid + idle

    def test_a_vanished_machine_is_lost_and_billed_to_its_last_proof(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        host.workloads.clear()
        wait(world, host, 20)
        world.reconcile()
        lost = renter.vm(vm_id)
        assert lost["status"] == "lost"
        assert lost["spent_micros"] == money.cumulative_micros(lost["running_rate_nanos_per_hour"], 60_000)
        assert free(host) == WHOLE
        assert renter.balance()["held_micros"] == 0

    def test_an_orphan_is_named_to_its_host(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        stranger = vm_id[:-2] + "00"
        host.workloads.append({"id": stranger, "generation": 1, "state": "running", "ssh_port": 2223})
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat().json
        assert answer["orphans"] == [stranger]
        assert [one["id"] for one in answer["workloads"]] == [vm_id]

    def test_a_silent_hosts_machine_costs_nothing_past_its_last_word(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        world.time.advance(timedelta(hours=1))
        world.accrue()
        vm = renter.vm(vm_id)
        due = money.cumulative_micros(vm["running_rate_nanos_per_hour"], 60_000)
        assert vm["spent_micros"] == due
        renter.act(vm_id, "terminate")
        assert renter.balance()["settled_micros"] == START_MICROS - due

    def test_a_machine_is_stopped_before_its_money_ends(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        rate = renter.vm(vm_id)["running_rate_nanos_per_hour"]
        lasts_ms = money.affordable_ms(rate, START_MICROS)
        assert lasts_ms is not None
        world.time.advance(timedelta(milliseconds=lasts_ms) - timedelta(seconds=100))
        host.heartbeat()
        world.accrue()
        assert renter.vm(vm_id)["desired"] == "stopped"
        assert renter.balance()["settled_micros"] > 0
