"""The main thread through the real functions: rent, run, pay, stop, start, terminate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.machines import START_MICROS, WHOLE, free, run, wait
from tests.support.world import TEMPLATE_ID, Host, Person, World

from sharemtc import money
from sharemtc.billing import ledger
from sharemtc.wire import LARGEST_VM


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
        stopping = renter.act(vm_id, "stop").json
        assert (stopping["status"], stopping["rate_nanos_per_hour"]) == (
            "stopping",
            stopping["stopped_rate_nanos_per_hour"],
        )
        assert stopping["spent_micros"] == money.cumulative_micros(rate, 100_000), "the last three seconds want proof"
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
        world.carry_out(renter, host, vm_id, "gone")
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


class TestQuotes:
    def test_a_quote_is_honoured_and_expires(self, world: World, renter: Person, host: Host) -> None:
        size = {"template_id": renter.order()["template_id"], "vcpus": 1, "memory_mib": 256, "disk_gib": 1}
        quote = renter.call("POST", "/v1/billing/quotes", size).json
        assert sum(line["rate_nanos_per_hour"] for line in quote["lines"]) == quote["rate_nanos_per_hour"]
        vm = renter.rent(quote_id=quote["id"]).json
        assert vm["running_rate_nanos_per_hour"] == quote["rate_nanos_per_hour"]
        assert renter.rent(quote_id=quote["id"], vcpus=2).pointers == ["/vcpus"]
        world.time.advance(timedelta(seconds=301))
        assert renter.rent(quote_id=quote["id"]).code == "quote_expired"

    def test_an_order_that_contradicts_its_quote_is_refused_by_field(
        self, renter: Person, provider: Person, host: Host
    ) -> None:
        other = provider.add_host(name="other")
        other.heartbeat()
        size = {"template_id": TEMPLATE_ID, "vcpus": 1, "memory_mib": 256, "disk_gib": 1, "host_id": host.id}
        quote_id = renter.call("POST", "/v1/billing/quotes", size).json["id"]
        for change in ({"host_id": other.id}, {"memory_mib": 512}, {"disk_gib": 2}):
            answer = renter.rent(quote_id=quote_id, **change)
            assert (answer.status, answer.pointers) == (422, [f"/{name}" for name in change])
        answer = renter.rent(quote_id=quote_id, host_id=other.id, vcpus=3)
        assert answer.pointers == ["/vcpus", "/host_id"]
        assert (free(host), free(other)) == (WHOLE, WHOLE)
        assert renter.rent(quote_id=quote_id, host_id=host.id).json["host_id"] == host.id


class TestRefusals:
    def test_says_why_nothing_fits(self, renter: Person, host: Host) -> None:
        answer = renter.rent(vcpus=64)
        assert (answer.status, answer.code) == (409, "no_capacity")
        (constraint,) = answer.json["constraints"]
        assert constraint == {
            "constraint": "vcpus", "rejected": 1, "would_match": 1,
            "needed": 64, "largest_free": 4, "largest_offered": 4,
        }  # fmt: skip
        assert "No host offers more than 4 vCPUs" in answer.json["detail"]
        nearest = answer.json["nearest"]
        assert (nearest["host_id"], nearest["vcpus"], nearest["memory_mib"]) == (host.id, 4, 256)
        assert free(host) == WHOLE

    def test_says_of_a_named_host_what_it_lacks_and_where_it_would_fit(
        self, renter: Person, provider: Person, host: Host
    ) -> None:
        assert renter.rent(vcpus=4).status == 201
        other = provider.add_host(name="other")
        other.heartbeat()
        answer = renter.rent(host_id=host.id)
        assert (answer.status, answer.code, answer.json["hosts"]) == (409, "no_capacity", 1)
        assert answer.json["detail"].startswith("box has 0 of 4 vCPUs free, 1 needed.")
        assert answer.json["nearest"]["host_id"] == other.id
        unknown = renter.rent(host_id="hst_00000000000000000000000000")
        assert (unknown.status, unknown.pointers) == (422, ["/host_id"])

    @pytest.mark.parametrize("change", [{"vcpus": 300}, {"disk_gib": 20_000}])
    def test_what_no_host_can_make_is_neither_priced_nor_ordered(
        self, renter: Person, provider: Person, change: dict[str, int]
    ) -> None:
        huge = {"vcpus": 4000, "memory_mib": 8192, "disk_gib": 100_000}
        provider.add_host(sellable=huge, total=huge).heartbeat()
        size = {"template_id": TEMPLATE_ID, "vcpus": 1, "memory_mib": 256, "disk_gib": 1, **change}
        (field,) = change
        for answer in (renter.rent(**change), renter.call("POST", "/v1/billing/quotes", size)):
            assert (answer.status, answer.pointers) == (422, [f"/{field}"])
            assert str(getattr(LARGEST_VM, field)) in answer.json["errors"][0]["message"]

    def test_refuses_what_the_wallet_does_not_cover(self, renter: Person, provider: Person) -> None:
        host = provider.add_host(
            sellable={"vcpus": 4000, "memory_mib": 4_000_000, "disk_gib": 100},
            total={"vcpus": 4000, "memory_mib": 4_000_000, "disk_gib": 100},
        )
        host.heartbeat()
        answer = renter.rent(vcpus=255, memory_mib=4_000_000)
        assert (answer.status, answer.code) == (402, "insufficient_funds")
        assert renter.balance()["held_micros"] == 0
        assert free(host)["vcpus"] == 4000

    def test_a_stopped_machine_whose_processors_went_says_what_is_missing(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        assert renter.rent(name="web-2", vcpus=4, memory_mib=512).status == 201
        answer = renter.act(vm_id, "start")
        assert (answer.status, answer.code, answer.json["retryable"]) == (409, "host_full", True)
        assert answer.json["detail"].startswith("box has 0 of 4 vCPUs free, 1 needed. The disk is kept on that host")
        assert answer.json["nearest"] is None
        assert renter.vm(vm_id)["status"] == "stopped"
        provider.add_host(name="other").heartbeat()
        assert "other has capacity" in renter.act(vm_id, "start").json["detail"]

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
