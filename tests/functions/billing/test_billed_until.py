"""Until when a renter pays: view, balance, ledger and the provider's earnings say one figure, and none beyond proof."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.machines import START_MICROS, run, wait
from tests.support.world import Host, Person, World

from sharemtc import clock, money
from sharemtc.billing import ledger, meters


def silence(world: World, seconds: int) -> None:
    """Time passes without a heartbeat, and accrual goes on meanwhile."""
    world.time.advance(timedelta(seconds=seconds))
    world.accrue()


def demand_one_figure(world: World, renter: Person, provider: Person, vm_id: str, micros: int) -> None:
    """View, balance, ledger and earnings agree, before and after the next accrual."""
    for _ in range(2):
        vm, balance = renter.vm(vm_id), renter.balance()
        assert (vm["spent_micros"], START_MICROS - balance["settled_micros"]) == (micros, micros)
        world.accrue()
    wallet = meters.find_wallet(renter.user_id)
    assert wallet.available_micros + wallet.held_micros == START_MICROS - micros
    earned = ledger.balance_micros(ledger.provider_account(provider.user_id))
    assert earned == micros - money.fee_micros(micros, 1000)


def cost(vm: dict[str, Any], *seconds: int) -> int:
    """What those stretches cost, each floored for itself."""
    return sum(money.cumulative_micros(vm["running_rate_nanos_per_hour"], one * 1000) for one in seconds)


class TestGaps:
    def test_a_gap_that_nothing_proves_is_not_billed(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        host.proves_uptime = False
        silence(world, 120)
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 60))
        assert host.heartbeat().status == 200
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 60))
        wait(world, host, 10)
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 60, 10))
        told = renter.call("GET", f"/v1/resources/vms/{vm_id}/events").json["items"]
        assert [one["reason"] for one in told if one["type"] == "vm.not_billed"] == ["silence"]

    def test_one_that_is_proved_to_have_been_run_through_is(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        silence(world, 120)
        assert renter.vm(vm_id)["spent_micros"] == cost(renter.vm(vm_id), 60), "not before it is proved"
        assert host.heartbeat().status == 200
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 180))

    def test_a_heartbeat_that_takes_long_to_arrive_proves_as_much(
        self, world: World, renter: Person, host: Host
    ) -> None:
        """The first of a new start of the agent, after a restart of the platform: it counts from when it came."""
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        silence(world, 120)
        signed_s, (listed,) = clock.now_ms() // 1000, host.workloads
        listed = {**listed, **host._uptime(listed)}
        world.time.advance(timedelta(seconds=9))
        late = {"instance": "1" * 32, "workloads": [listed]}
        assert host.heartbeat_with(late, iat=signed_s, exp=signed_s + 60).status == 200
        assert renter.vm(vm_id)["spent_micros"] == cost(renter.vm(vm_id), 189)

    @pytest.mark.parametrize("claim", ["stood still", "another boot", "no boot"])
    def test_a_proof_that_does_not_cover_the_gap_bills_nothing_of_it(
        self, world: World, renter: Person, host: Host, claim: str
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        silence(world, 120)
        (one,) = host.workloads
        seen = {
            "stood still": {"boot_id": f"boot-{1}", "uptime_ms": 60_000},
            "another boot": {"boot_id": "boot-2", "uptime_ms": 180_000},
            "no boot": {"boot_id": "", "uptime_ms": 180_000},
        }[claim]
        if claim == "stood still":
            seen["boot_id"] = host._uptime(one)["boot_id"]
        assert host.heartbeat_with({"workloads": [{**one, **seen}]}).status == 200
        assert renter.vm(vm_id)["spent_micros"] == cost(renter.vm(vm_id), 60)

    def test_gaps_are_skipped_one_by_one_however_late_accrual_runs(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        host.proves_uptime = False
        for _ in range(3):
            wait(world, host, 10)
            world.time.advance(timedelta(seconds=60))
            assert host.heartbeat().status == 200
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 10, 10, 10))

    def test_a_heartbeat_that_was_held_back_proves_nothing_of_the_silence(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        host.proves_uptime = False
        spoken_s = clock.now_ms() // 1000 + 60
        world.time.advance(timedelta(seconds=100))
        host.heartbeat(iat=spoken_s, exp=spoken_s + 60)
        assert renter.vm(vm_id)["spent_micros"] == cost(renter.vm(vm_id), 60)

    def test_a_silence_that_is_told_afterwards_in_short_steps_is_not_billed(
        self, world: World, renter: Person, host: Host
    ) -> None:
        """By a clock that the host moves to suit: each step looks shorter than a gap, and all of them come at once."""
        vm_id = run(world, renter, host)
        wait(world, host, 60)
        host.proves_uptime = False
        now_s = clock.now_ms() // 1000
        world.time.advance(timedelta(seconds=6))
        assert host.heartbeat(iat=now_s + 6 + 28, exp=now_s + 6 + 60).status == 200
        before = renter.vm(vm_id)["spent_micros"]
        world.time.advance(timedelta(seconds=50))
        now_s, offset_s = clock.now_ms() // 1000, -28
        for delay_s in (36, 22, 8, 0):
            signed_s = now_s - offset_s - 3 - delay_s
            assert host.heartbeat(iat=signed_s, exp=signed_s + 60).status == 200
            offset_s = now_s - signed_s
        assert renter.vm(vm_id)["spent_micros"] == before

    def test_the_loss_of_one_heartbeat_costs_an_honest_host_nothing(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 10)
        world.time.advance(timedelta(seconds=20))
        assert host.heartbeat().status == 200
        assert renter.vm(vm_id)["spent_micros"] == cost(renter.vm(vm_id), 30)


class TestAbsence:
    def test_what_no_heartbeat_ever_listed_costs_nothing(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = renter.rent().json["id"]
        world.task("dispatch", renter.vm(vm_id), token="t" * 20)
        (command,) = host.commands()
        host.prove(command, "running")
        world.task("confirm", renter.vm(vm_id))
        host.workloads.clear()
        wait(world, host, 10)
        demand_one_figure(world, renter, provider, vm_id, 0)

    def test_a_silent_hosts_machine_burns_nothing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 10)
        live = renter.balance()
        assert live["burn_nanos_per_hour"] == renter.vm(vm_id)["running_rate_nanos_per_hour"]
        silence(world, 60)
        silent = renter.balance()
        assert (silent["burn_nanos_per_hour"], silent["empties_at"], silent["runway_s"]) == (0, None, None)
        assert silent["settled_micros"] == START_MICROS - cost(renter.vm(vm_id), 10)


class TestStops:
    def test_the_time_up_to_the_request_is_owed_once_the_host_has_proved_it(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 17)
        assert renter.act(vm_id, "terminate").json["spent_micros"] == cost(renter.vm(vm_id), 10)
        world.time.advance(timedelta(seconds=4))
        world.carry_out(renter, host, vm_id, "gone")
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 17))
        assert renter.balance()["held_micros"] == 0

    def test_a_host_that_falls_silent_at_the_request_is_owed_no_more_than_its_last_heartbeat(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 17)
        renter.act(vm_id, "terminate")
        silence(world, 60)
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 10))
        assert meters.find(renter.vm(vm_id)["allocation_id"]).closed
        assert renter.balance()["held_micros"] == 0

    def test_nothing_is_owed_past_the_request_however_long_the_stop_takes(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        wait(world, host, 12)
        renter.act(vm_id, "terminate")
        for _ in range(6):
            wait(world, host, 10)
        demand_one_figure(world, renter, provider, vm_id, cost(renter.vm(vm_id), 12))


class TestStoppedMachines:
    def test_each_window_of_a_stopped_machine_is_posted(
        self, world: World, renter: Person, provider: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        renter.act(vm_id, "stop")
        world.carry_out(renter, host, vm_id, "stopped")
        rate = renter.vm(vm_id)["stopped_rate_nanos_per_hour"]
        for hours in (10, 20, 30):
            wait(world, host, 36_000)
            owed = money.cumulative_micros(rate, hours * 3_600_000)
            assert owed > 0
            demand_one_figure(world, renter, provider, vm_id, owed)
