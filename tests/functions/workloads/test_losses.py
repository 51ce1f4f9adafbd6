"""What only a dead host could prove to be over, and what outlives its owner's money, comes to an end all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.machines import START_MICROS, WHOLE, free, run, wait
from tests.support.world import Host, Person, World

from sharemtc import money
from sharemtc.allocations import service as allocations
from sharemtc.billing import ledger, meters
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.principals import Role

REASON = {"reason": "burnt down"}


class TestByItsOwner:
    def test_a_vm_may_be_declared_lost_after_a_day_of_silence(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        declare = f"/v1/resources/vms/{vm_id}/declare-lost"
        assert renter.vm(vm_id)["lost_declarable_at"] is None
        assert renter.call("POST", declare).code == "host_heard"
        world.time.advance(timedelta(hours=23, minutes=59))
        early = renter.call("POST", declare)
        assert (early.status, early.json["possible_from"]) == (409, renter.vm(vm_id)["lost_declarable_at"])
        world.time.advance(timedelta(minutes=1))
        lost = renter.call("POST", declare, headers={"Idempotency-Key": "once"})
        assert (lost.status, lost.json["status"], lost.json["actions"]) == (200, "lost", [])
        assert renter.call("POST", declare, headers={"Idempotency-Key": "once"}).text == lost.text
        due = money.cumulative_micros(lost.json["running_rate_nanos_per_hour"], 60_000)
        assert (lost.json["spent_micros"], renter.balance()["settled_micros"]) == (due, START_MICROS - due)
        assert renter.balance()["held_micros"] == 0
        (told,) = [one for one in renter.call("GET", f"/v1/resources/vms/{vm_id}/events").json["items"]
                   if one["type"] == "vm.lost"]  # fmt: skip
        not_charged = money.cumulative_micros(lost.json["running_rate_nanos_per_hour"], 24 * 3_600_000)
        assert (told["reason"], told["data"]["amount_micros"]) == ("declared_lost", not_charged)

    def test_its_slice_is_free_only_when_the_host_proves_it(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        world.time.advance(timedelta(hours=25))
        assert renter.call("POST", f"/v1/resources/vms/{vm_id}/declare-lost").status == 200
        assert free(host) != WHOLE
        assert host.heartbeat().json["orphans"] == [vm_id]
        host.workloads.clear()
        world.time.advance(timedelta(minutes=5))
        host.heartbeat()
        world.reconcile()
        assert free(host) == WHOLE

    def test_another_persons_and_one_that_ended_are_refused(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        world.time.advance(timedelta(hours=25))
        other = world.join("other@example.com").call("POST", f"/v1/resources/vms/{vm_id}/declare-lost")
        assert other.status == 404
        assert renter.call("POST", f"/v1/resources/vms/{vm_id}/declare-lost").status == 200
        assert renter.call("POST", f"/v1/resources/vms/{vm_id}/declare-lost").code == "workload_ended"


class TestByOperators:
    def test_a_dead_host_ends_with_all_that_was_on_it(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        operator = world.operator(Role.OPS_ADMIN)
        running, stopped = run(world, renter, host), run(world, renter, host)
        renter.act(stopped, "stop")
        world.carry_out(renter, host, stopped, "stopped")
        wait(world, host, 60)
        spent = START_MICROS - renter.balance()["settled_micros"]
        declare = f"/v1/admin/hosts/{host.id}/declare-lost"
        assert operator.call("POST", declare, REASON).code == "host_heard"
        world.time.advance(timedelta(minutes=10))
        assert operator.call("POST", declare, {"reason": ""}).pointers == ["/reason"]
        declared = operator.call("POST", declare, REASON)
        assert (declared.status, declared.json["state"]) == (200, "draining")
        assert operator.call("POST", declare, REASON).status == 200
        world.reconcile()
        assert [renter.vm(vm_id)["status"] for vm_id in (running, stopped)] == ["lost", "lost"]
        assert START_MICROS - renter.balance()["settled_micros"] == spent
        assert renter.balance()["held_micros"] == 0
        assert read_state(host.id)[0].state == "retired"
        assert list(allocations.live_on(host.id)) == []
        assert host.heartbeat().code == "host_closed"
        earned = ledger.balance_micros(ledger.provider_account(provider.user_id))
        assert earned + ledger.balance_micros(ledger.PLATFORM_FEES) == spent
        acts = operator.call("GET", "/v1/admin/audit").json["items"]
        assert [one["event"] for one in acts] == ["host.declared_lost"]
        assert world.reconcile()["lost"] == 0

    def test_a_banned_host_that_never_comes_back_can_be_ended(self, world: World, renter: Person, host: Host) -> None:
        operator = world.operator(Role.OPS_ADMIN)
        vm_id = run(world, renter, host)
        operator.call("PATCH", f"/v1/admin/hosts/{host.id}", {"banned": True, "reason": "fraud"})
        world.time.advance(timedelta(minutes=10))
        assert operator.call("POST", f"/v1/admin/hosts/{host.id}/declare-lost", REASON).status == 200
        world.reconcile()
        assert renter.vm(vm_id)["status"] == "lost"
        assert read_state(host.id)[0].state == "retired"

    @pytest.mark.parametrize("drained_by", ["its provider", "nobody"])
    def test_nothing_brings_it_back(self, world: World, provider: Person, host: Host, drained_by: str) -> None:
        operator = world.operator()
        own, decided = f"/v1/provider/hosts/{host.id}", f"/v1/admin/hosts/{host.id}"
        if drained_by == "its provider":
            assert provider.call("PATCH", own, {"draining": True}).status == 200
        world.time.advance(timedelta(minutes=10))
        assert operator.call("POST", f"{decided}/declare-lost", REASON).status == 200
        assert read_state(host.id)[0].state_reason == "declared_lost"
        for change in (
            {"draining": False}, {"banned": False}, {"banned": True}, {"maintenance": None}, {"cloud_type": "secure"},
        ):  # fmt: skip
            refused = operator.call("PATCH", decided, {**change, "reason": "second thoughts"})
            assert (refused.status, refused.code) == (409, "host_ended"), change
            assert "declared this host lost" in refused.json["detail"]
        for change in ({"draining": False}, {"name": "phoenix"}):
            assert provider.call("PATCH", own, change).code == "host_ended"
        assert host.heartbeat().status == 200
        assert provider.call("GET", own).json["state"] == "draining"
        world.reconcile()
        assert read_state(host.id)[0].state == "retired"

    def test_a_provider_that_works_again_does_not_bring_it_back(
        self, world: World, provider: Person, host: Host
    ) -> None:
        operator = world.operator()
        path = f"/v1/admin/providers/{provider.user_id}"
        assert operator.call("PATCH", path, {"draining": True, "reason": "a look"}).status == 200
        world.time.advance(timedelta(minutes=10))
        assert operator.call("POST", f"/v1/admin/hosts/{host.id}/declare-lost", REASON).status == 200
        assert operator.call("PATCH", path, {"draining": False, "reason": "well"}).status == 200
        assert read_state(host.id)[0].state == "draining"


class TestDisksThatAreGone:
    def test_a_stopped_machine_that_is_not_listed_any_more_is_lost(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        wait(world, host, 36_000)
        host.workloads.clear()
        wait(world, host, 10)
        world.reconcile()
        lost = renter.vm(vm_id)
        assert (lost["status"], lost["billable"]) == ("lost", False)
        assert lost["spent_micros"] == money.cumulative_micros(lost["stopped_rate_nanos_per_hour"], 36_000_000)
        assert free(host) == WHOLE

    @pytest.mark.parametrize("code", ["workload_unknown", "disk_lost"])
    def test_a_start_that_finds_nothing_to_start_is_a_loss(
        self, world: World, renter: Person, host: Host, code: str
    ) -> None:
        vm_id = run(world, renter, host)
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        assert renter.act(vm_id, "start").status == 202
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        host.result(command, failure={"code": code, "detail": "gone"})
        world.task("recover", vm, error={"Error": "CommandFailed"})
        assert renter.vm(vm_id)["status"] == "lost"
        assert meters.find(vm["allocation_id"]).closed


class TestMoneyThatEnds:
    def test_a_stopped_machine_is_ended_before_its_money_ends_and_its_owner_told_a_day_before(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        vm = renter.vm(vm_id)
        lasts_ms = money.affordable_ms(vm["stopped_rate_nanos_per_hour"], START_MICROS)
        assert lasts_ms is not None
        world.time.advance(timedelta(milliseconds=lasts_ms) - timedelta(hours=25))
        host.heartbeat()
        world.accrue()
        assert warnings(renter, vm_id) == []
        world.time.advance(timedelta(hours=1, minutes=1))
        for _ in range(3):
            host.heartbeat()
            world.accrue()
        (warning,) = warnings(renter, vm_id)
        ends_at, empties_at = (
            datetime.fromisoformat(one) for one in (told_end(warning), renter.balance()["empties_at"])
        )
        assert abs(empties_at - ends_at) < timedelta(minutes=1), "years on, a micro-dollar is some seconds"
        world.time.advance(timedelta(hours=23, minutes=58))
        host.heartbeat()
        world.accrue()
        assert renter.vm(vm_id)["desired"] == "gone"
        world.carry_out(renter, host, vm_id, "gone")
        meter = meters.find(vm["allocation_id"])
        assert (meter.closed, meter.written_off_micros) == (True, 0)
        assert renter.balance()["settled_micros"] >= 0


def told_end(warning: dict[str, Any]) -> str:
    return str(warning["data"]["ends_at"])


def warnings(renter: Person, vm_id: str) -> list[dict[str, Any]]:
    told = renter.call("GET", f"/v1/resources/vms/{vm_id}/events?limit=200").json["items"]
    return [one for one in told if one["type"] == "vm.funds_low"]
