"""Every way in which a machine can go wrong: it costs nothing, and everything is put back or driven on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from tests.support.machines import START_MICROS, WHOLE, free, run, wait
from tests.support.world import Host, Person, World

from sharemtc import money
from sharemtc.allocations import service as allocations
from sharemtc.workloads.table import Workload, workload_key


def quote(renter: Person, **named: str) -> str:
    """The id of a quote for a tiny VM."""
    size = {name: renter.order()[name] for name in ("template_id", "vcpus", "memory_mib", "disk_gib")}
    return str(renter.call("POST", "/v1/billing/quotes", {**size, **named}).json["id"])


def fail_start(world: World, renter: Person, host: Host, vm_id: str) -> dict[str, Any]:
    """Let the first start of the VM fail on its host; what the state machine is told to do next."""
    vm = renter.vm(vm_id)
    world.task("dispatch", vm, token="t" * 20)
    (command,) = host.commands()
    host.result(command, failure={"code": "boot_timeout", "detail": "no banner"})
    return world.task("recover", vm, error={"Error": "CommandFailed"})


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
        vm_id = renter.rent().json["id"]
        other = provider.add_host(name="other")
        other.heartbeat()
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

    @pytest.mark.parametrize("quoted", [False, True])
    def test_is_not_placed_elsewhere_when_the_order_named_its_host(
        self, world: World, renter: Person, provider: Person, host: Host, quoted: bool
    ) -> None:
        other = provider.add_host(name="other")
        other.heartbeat()
        named: dict[str, object] = {"host_id": host.id}
        if quoted:
            named = {"quote_id": quote(renter, host_id=host.id)}
        vm_id = renter.rent(**named).json["id"]
        assert fail_start(world, renter, host, vm_id)["again"] is False
        assert (renter.vm(vm_id)["status"], renter.vm(vm_id)["host_id"]) == ("failed", host.id)
        assert (free(host), free(other)) == (WHOLE, WHOLE)

    @pytest.mark.parametrize(("region", "again"), [("north", True), ("south", False)])
    def test_a_quoted_machine_stays_in_its_region_and_at_its_price(
        self, world: World, renter: Person, provider: Person, host: Host, region: str, again: bool
    ) -> None:
        assert provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"region": "north"}).status == 200
        ordered = renter.rent(quote_id=quote(renter)).json
        other = provider.add_host(name="other", region=region)
        other.heartbeat()
        assert fail_start(world, renter, host, ordered["id"])["again"] is again
        vm = renter.vm(ordered["id"])
        assert (vm["host_id"], vm["region"]) == (other.id if again else host.id, "north")
        assert vm["running_rate_nanos_per_hour"] == ordered["running_rate_nanos_per_hour"]

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
        # after the heartbeat that does not list it: one of the same instant says that it did not run yet
        world.time.advance(timedelta(seconds=1))
        assert host.prove(command, "running").json == {"applied": True}
        world.time.advance(timedelta(seconds=5))
        assert host.prove(command, "running").json == {"applied": False}
        world.task("confirm", vm)
        host.heartbeat()
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

    def test_what_is_not_known_is_not_named_as_an_orphan(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        stranger = vm_id[:-2] + "00"
        host.workloads.append({"id": stranger, "generation": 1, "state": "running", "ssh_port": 2223})
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat().json
        assert (answer["orphans"], answer["unknown"]) == ([], [stranger]), "its record may have been lost"
        assert [one["id"] for one in answer["workloads"]] == [vm_id]

    def test_what_has_ended_or_lost_its_record_is_told_apart(self, world: World, renter: Person, host: Host) -> None:
        ended = run(world, renter, host)
        seen = [dict(workload) for workload in host.workloads]
        assert renter.act(ended, "terminate").status == 202
        world.carry_out(renter, host, ended, "gone")
        lost = run(world, renter, host)
        for record in (Workload.get(workload_key(lost), "WORKLOAD"), *allocations.live_on(host.id)):
            record.delete()
        host.workloads[:] = [*seen, *(each for each in host.workloads if each["id"] == lost)]
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat().json
        assert (answer["orphans"], answer["unknown"]) == ([ended], [lost])

    def test_a_record_that_cannot_be_read_is_neither(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        for allocation in allocations.live_on(host.id):
            allocation.delete()
        vm = Workload.get(workload_key(vm_id), "WORKLOAD")
        table = boto3.resource("dynamodb", region_name="us-east-1").Table(Workload.Meta.table_name)
        table.update_item(
            Key={"pk": vm.pk, "sk": vm.sk},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": "observed"},
            ExpressionAttributeValues={":value": "dancing"},
        )
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat()
        assert (answer.status, answer.json["orphans"], answer.json["unknown"]) == (200, [], [])

    def test_a_thousand_strangers_cost_few_reads_and_all_are_named_in_time(
        self, world: World, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host.workloads = [{"id": f"vm_{number:026d}", "generation": 1, "state": "stopped"} for number in range(1000)]
        reads: list[int] = []
        real: Any = Workload._batch_get_page

        def counted(keys: Any, **options: Any) -> Any:
            reads.append(len(keys))
            return real(keys, **options)

        monkeypatch.setattr(Workload, "_batch_get_page", counted)
        monkeypatch.setattr(Workload, "get", lambda *_, **__: pytest.fail("one by one"))
        named: set[str] = set()
        for _ in range(4):
            world.time.advance(timedelta(seconds=10))
            reads.clear()
            answer = host.heartbeat().json
            assert (reads, len(answer["unknown"]), answer["orphans"]) == ([100, 100], 200, [])
            named.update(answer["unknown"])
            host.workloads = [each for each in host.workloads if each["id"] not in named]
        assert len(named) == 800, "no strangers are named twice once they are gone"

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
