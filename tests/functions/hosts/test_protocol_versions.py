"""Agents of another protocol version than the platform's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.machines import run
from tests.support.world import Host, Person, World

from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.service import find
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState
from sharemtc.risks.table import risk_id
from sharemtc.wire import PROTOCOL_VERSION, protocol

NEWER, TOO_NEW = PROTOCOL_VERSION + 1, PROTOCOL_VERSION + 2


def code_of(provider: Person) -> str:
    return str(provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"])


class TestOneApart:
    @pytest.mark.parametrize("version", [PROTOCOL_VERSION - 1, PROTOCOL_VERSION, NEWER])
    def test_is_heard_and_told_the_platforms_version(self, host: Host, version: int) -> None:
        host.world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat_with({"protocol_version": version})
        assert (answer.status, answer.json["protocol_version"]) == (200, PROTOCOL_VERSION)
        assert read_state(host.id)[1].seq == host.seq

    def test_a_newer_agent_enrolls_with_what_is_not_known_here(self, world: World, provider: Person) -> None:
        abilities = [{"name": name, "available": True, "detail": ""} for name in ("vm", "teleport")]
        newcomer = Host(world)
        described = newcomer.enrollment(code_of(provider), capabilities=abilities, colour="red")
        answer = newcomer.send(
            "POST", "/v1/agent/enroll", {**described, "protocol_version": NEWER, "motto": "hi"}, subject="enroll"
        )
        assert answer.status == 201, answer.text
        known = find(answer.json["host_id"]).inventory.capabilities
        assert [each.name for each in known] == ["vm"]

    def test_a_newer_agents_orders_are_carried_through(self, world: World, provider: Person, host: Host) -> None:
        renter = world.join("renter@example.com")
        vm_id = str(renter.rent().json["id"])
        world.task("dispatch", renter.vm(vm_id), token="t" * 20)
        (command,) = host.commands()
        step = host.send("POST", f"/v1/agent/commands/{command['id']}/progress", {"phase": "booting", "percent": 40})
        assert step.json == {"applied": True}
        proof = {"state": "running", "ssh_port": 2222, "ssh_banner": "SSH-2.0-x", "firmware": "uefi"}
        assert host.result(command, proof=proof, took_ms=9).json == {"applied": True}
        world.task("confirm", renter.vm(vm_id))
        assert renter.vm(vm_id)["status"] == "running"

    def test_a_newer_agents_self_test_and_farewell_are_taken(self, host: Host) -> None:
        at = "2030-01-31T12:00:00Z"
        checks = [{"name": "memory", "verdict": "ok", "hint": "none"}]
        test = {"started_at": at, "finished_at": at, "agent_version": "9", "checks": checks, "mood": "good"}
        assert host.send("POST", "/v1/agent/self-test", test).json == {"applied": True}
        assert host.send("POST", "/v1/agent/drain", {"reason": "", "until": at}).json == {"state": "draining"}

    def test_what_is_wrong_is_still_refused(self, world: World, host: Host) -> None:
        answer = host.send("POST", "/v1/agent/drain", {"reason": 7, "until": 9})
        assert (answer.status, answer.pointers) == (422, ["/reason"])


class TestTooFarApart:
    @pytest.mark.parametrize("more", [{}, {"figures": "another shape", "workloads": 7}])
    def test_is_refused_and_told_without_harm(
        self, world: World, provider: Person, host: Host, more: dict[str, Any]
    ) -> None:
        renter = world.join("renter@example.com")
        vm_id = run(world, renter, host)
        before = read_state(host.id)[1]
        world.time.advance(timedelta(seconds=10))
        for _ in range(3):
            answer = host.heartbeat_with({"protocol_version": TOO_NEW, **more})
            assert (answer.status, answer.code) == (409, "protocol_unsupported")
        assert answer.json["protocol_version"] == PROTOCOL_VERSION
        assert f"version {TOO_NEW}" in answer.json["detail"]
        assert read_state(host.id)[1].attribute_values == before.attribute_values
        world.reconcile()
        assert renter.vm(vm_id)["status"] == "running"
        told = provider.call("GET", "/v1/resources/events").json["items"]
        assert [one["resource_id"] for one in told if one["type"] == "host.protocol_unsupported"] == [host.id]
        assert risks.find(risk_id(RiskKind.PROTOCOL_UNSUPPORTED, host.id)).sightings == 3

    def test_an_update_ends_it(self, host: Host) -> None:
        host.world.time.advance(timedelta(seconds=10))
        assert host.heartbeat_with({"protocol_version": TOO_NEW}).status == 409
        inventory = host.enrollment("")["inventory"]
        assert host.heartbeat_with({"protocol_version": NEWER, "inventory": inventory}).status == 200
        assert risks.find(risk_id(RiskKind.PROTOCOL_UNSUPPORTED, host.id)).state is RiskState.RESOLVED

    def test_an_agent_that_is_too_old_is_told_to_update(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(protocol, "PROTOCOL_VERSION", PROTOCOL_VERSION + 2)
        answer = host.heartbeat()
        assert (answer.status, answer.code) == (409, "protocol_unsupported")
        assert "Update the agent." in answer.json["detail"]

    def test_it_cannot_enroll_and_its_code_stays_usable(self, world: World, provider: Person) -> None:
        newcomer, code = Host(world), code_of(provider)
        for body in ({"protocol_version": TOO_NEW}, {"protocol_version": TOO_NEW, "inventory": []}):
            answer = newcomer.send("POST", "/v1/agent/enroll", {**newcomer.enrollment(code), **body}, subject="enroll")
            assert (answer.status, answer.code) == (409, "protocol_unsupported")
        enrolled = newcomer.send("POST", "/v1/agent/enroll", newcomer.enrollment(code), subject="enroll")
        assert enrolled.status == 201
