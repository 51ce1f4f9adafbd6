"""A host on which starts fail one after the other leaves the market by itself, and comes back when it was seen to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.events import call
from tests.support.machines import run
from tests.support.world import Host, Person, World, function

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.states import HostState, StateReason
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState
from sharemtc.risks.schemas import RiskQuery
from sharemtc.settings import settings


def fail(world: World, renter: Person, host: Host, code: str = "launch_failed") -> None:
    """A VM whose start fails on the host; the state machine's task for it runs twice."""
    answer = renter.rent()
    assert answer.status == 201, answer.text
    vm = renter.vm(answer.json["id"])
    world.task("dispatch", vm, token="t" * 20)
    (command,) = host.commands()
    assert host.result(command, failure={"code": code, "detail": "no port can be opened"}).status == 200
    world.task("recover", vm, error={"Error": "CommandFailed", "Cause": code})


def state(host: Host) -> tuple[HostState, str]:
    capacity, _ = read_state(host.id)
    return capacity.state, capacity.state_reason


def open_risks() -> list[str]:
    found = risks.list_risks(RiskQuery(kind=RiskKind.STARTS_FAILING)).items
    return [one.resource_id for one in found if one.state is not RiskState.RESOLVED]


def test_three_in_a_row_take_it_off_the_market_and_its_owner_puts_it_back(
    world: World, provider: Person, host: Host, renter: Person
) -> None:
    for _ in range(settings().host_failed_starts):
        assert state(host)[0] is HostState.READY
        fail(world, renter, host)
    assert state(host) == (HostState.DRAINING, StateReason.STARTS_FAILING)
    assert open_risks() == [host.id]
    events = event_log.of_resource(host.id, limit=9, cursor=None).items
    (told,) = [one for one in events if one.type == "host.draining"]
    assert (told.reason, told.owner_id) == ("starts_failing", provider.user_id)
    assert "no port can be opened" in told.detail
    (shown,) = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"]
    assert shown["unavailable_reason"] == "host_draining"
    assert renter.rent().status == 409
    back = provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"draining": False})
    assert (back.status, back.json["state"]) == (200, "ready"), back.text
    assert open_risks() == []
    fail(world, renter, host)
    assert state(host)[0] is HostState.READY, "the count begins anew"


def test_a_start_that_comes_up_ends_the_row(world: World, host: Host, renter: Person) -> None:
    for _ in range(settings().host_failed_starts - 1):
        fail(world, renter, host)
    run(world, renter, host)
    fail(world, renter, host)
    assert state(host)[0] is HostState.READY


def test_a_passing_self_test_brings_it_back_and_a_failing_one_does_not(
    world: World, host: Host, renter: Person
) -> None:
    for _ in range(settings().host_failed_starts):
        fail(world, renter, host)
    now = clock.now().isoformat()
    test = {"started_at": now, "finished_at": now, "agent_version": "1"}
    checks = [{"name": "guest_ports", "verdict": "fail"}]
    assert host.send("POST", "/v1/agent/self-test", {**test, "checks": checks}).status == 200
    assert state(host)[0] is HostState.DRAINING
    checks = [{"name": "guest_ports", "verdict": "warn"}]
    assert host.send("POST", "/v1/agent/self-test", {**test, "checks": checks}).status == 200
    assert (state(host)[0], open_risks()) == (HostState.READY, [])


@pytest.mark.parametrize("code", ["spec_refused", "ssh_key_refused", "kind_unsupported"])
def test_what_its_renter_or_the_platform_brings_about_does_not_count(
    world: World, host: Host, renter: Person, code: str
) -> None:
    for _ in range(settings().host_failed_starts + 1):
        fail(world, renter, host, code)
    assert state(host)[0] is HostState.READY


def test_a_machine_that_is_broken_from_inside_does_not_count(world: World, host: Host, renter: Person) -> None:
    vm_id = run(world, renter, host)
    for _ in range(settings().host_failed_starts + 1):
        if renter.vm(vm_id)["status"] == "running":
            renter.act(vm_id, "stop")
            world.carry_out(renter, host, vm_id, "stopped")
        assert renter.act(vm_id, "start").status in (200, 202)
        vm = renter.vm(vm_id)
        world.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        host.result(command, failure={"code": "boot_timeout", "detail": "the guest did not answer"})
        world.task("recover", vm, error={"Error": "CommandFailed", "Cause": "boot_timeout"})
    assert state(host)[0] is HostState.READY


def test_a_host_that_is_not_heard_is_judged_by_its_silence(world: World, host: Host, renter: Person) -> None:
    for _ in range(settings().host_failed_starts + 1):
        answer = renter.rent()
        vm = renter.vm(answer.json["id"])
        world.task("dispatch", vm, token="t" * 20)
        world.time.advance(timedelta(minutes=3))
        world.task("recover", vm, error={"Error": "States.Timeout", "Cause": ""})
        assert state(host)[0] is not HostState.DRAINING
        host.heartbeat()
