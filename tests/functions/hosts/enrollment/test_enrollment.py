"""Joining: codes that work once, for their owner, from someone who does not guess; and machines that lie."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.world import Host, Person, World, inventory

from sharemtc.admin import enforcement
from sharemtc.hosts.enrollment.table import EnrollmentCode
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.providers import service as providers
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind
from sharemtc.risks.schemas import RiskQuery
from sharemtc.wire import MAX_BODY_BYTES

CODES = "/v1/provider/enrollment-codes"
GPU = {"uuid": "GPU-1", "model": "A100", "vram_mib": 40_960}


def make_code(provider: Person, **body: Any) -> dict[str, Any]:
    answer = provider.call("POST", CODES, body)
    assert answer.status == 201, answer.text
    return dict(answer.json)


def enroll(world: World, code: str, **changes: Any) -> Any:
    host = Host(world)
    return host.send("POST", "/v1/agent/enroll", host.enrollment(code, **changes), subject="enroll")


def ban(provider: Person) -> None:
    enforcement.enforce(providers.change_provider(provider.user_id, state=ProviderState.BANNED, reason="fraud"))


class TestCode:
    def test_its_state_is_told_to_its_owner(self, world: World, provider: Person) -> None:
        used, expired = make_code(provider, name="rack-7"), make_code(provider)
        assert provider.call("GET", f"{CODES}/{used['id']}").json["state"] == "waiting"
        host_id = enroll(world, used["code"]).json["host_id"]
        world.time.advance(timedelta(minutes=15))
        told = [provider.call("GET", f"{CODES}/{code['id']}").json for code in (used, expired)]
        assert [(one["state"], one["host_id"]) for one in told] == [("used", host_id), ("expired", None)]
        assert "code" not in told[0]
        assert provider.call("GET", f"/v1/provider/hosts/{host_id}").json["name"] == "rack-7"

    def test_is_kept_as_a_hash_and_goes_to_the_machine_by_its_environment(self, provider: Person) -> None:
        made = make_code(provider)
        stored = EnrollmentCode.get(f"ENROLL#{made['id']}", "CODE")
        assert made["code"] not in json.dumps(stored.to_simple_dict(), default=str)
        piped, _, arguments = made["install_command"].partition(" sh -s -- ")
        url = "http://127.0.0.1:8420"
        assert piped == f"curl -fsSL {url}/install/agent.sh | SHAREMTC_ENROLLMENT_CODE={made['code']}"
        assert arguments == f"--url {url}"

    def test_the_right_id_with_another_secret_is_refused_like_none(self, world: World, provider: Person) -> None:
        code = make_code(provider)["code"]
        id, _, secret = code.partition(".")
        wrong = [f"{id}.{secret[::-1]}", f"{id}.{secret}x", id.ljust(30, "x"), "y" * 40]
        answers = [enroll(world, one) for one in wrong]
        assert {(answer.status, answer.text) for answer in answers} == {(403, answers[0].text)}
        assert enroll(world, code).status == 201

    def test_one_of_many_that_come_at_once_wins(self, world: World, provider: Person) -> None:
        code = make_code(provider)["code"]
        assert sorted(enroll(world, code).status for _ in range(4)) == [201, 403, 403, 403]
        assert len(provider.call("GET", "/v1/provider/hosts").json["items"]) == 1


class TestGuessing:
    def test_ten_wrong_codes_stop_an_address_and_are_told_to_operators(self, world: World, provider: Person) -> None:
        code = make_code(provider)["code"]
        assert {enroll(world, f"{'z' * 30}{number}").status for number in range(10)} == {403}
        refused = enroll(world, code)
        assert (refused.status, refused.code) == (429, "too_many_codes")
        assert 0 < int(refused.headers["Retry-After"]) <= 900
        (risk,) = risks.list_risks(RiskQuery(kind=RiskKind.ENROLLMENT_GUESSING)).items
        assert risk.resource_id == "address:203.0.113.7"
        world.time.advance(timedelta(minutes=15))
        assert enroll(world, make_code(provider)["code"]).status == 201

    def test_right_codes_and_honest_mistakes_do_not_count(self, world: World, provider: Person) -> None:
        for _ in range(12):
            assert enroll(world, make_code(provider)["code"]).status == 201
        code = make_code(provider)["code"]
        for _ in range(12):
            assert enroll(world, code, gpus=[GPU, GPU]).status == 422
        assert enroll(world, code).status == 201


class TestBanned:
    def test_gets_no_code_and_its_codes_are_worth_nothing(self, world: World, provider: Person) -> None:
        code = make_code(provider)["code"]
        ban(provider)
        refused = provider.call("POST", CODES, {})
        assert (refused.status, refused.code) == (403, "provider_banned")
        assert enroll(world, code).code == "enrollment_code_refused"

    def test_its_hosts_are_shut_out_and_come_back_with_it(self, world: World, provider: Person) -> None:
        host = provider.add_host()
        host.heartbeat()
        ban(provider)
        world.time.advance(timedelta(seconds=10))
        for answer in (host.heartbeat(), host.send("POST", "/v1/agent/drain", {})):
            assert (answer.status, answer.code) == (403, "host_closed")
        told = provider.call("GET", f"/v1/provider/hosts/{host.id}").json
        assert (told["state"], told["state_reason"], told["actions"]) == ("banned", "provider_banned", [])
        changed = provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"draining": True})
        assert (changed.status, changed.code) == (409, "host_ended")
        cleared = providers.change_provider(provider.user_id, state=ProviderState.ACTIVE, reason="cleared")
        assert enforcement.enforce(cleared) == 1
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        assert provider.call("GET", f"/v1/provider/hosts/{host.id}").json["state"] == "ready"


class TestLies:
    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"sellable": {"vcpus": 5, "memory_mib": 1, "disk_gib": 1}}, "/inventory/sellable/vcpus"),
            ({"sellable": {"vcpus": 1, "memory_mib": 8193, "disk_gib": 1}}, "/inventory/sellable/memory_mib"),
            ({"sellable": {"vcpus": 1, "memory_mib": 1, "disk_gib": 101}}, "/inventory/sellable/disk_gib"),
            ({"sellable": {"vcpus": -1, "memory_mib": 1, "disk_gib": 1}}, "/inventory/sellable/vcpus"),
            ({"gpus": [GPU, GPU]}, "/inventory/gpus/1/uuid"),
            ({"gpus": [{**GPU, "vram_mib": 2**64}]}, "/inventory/gpus/0/vram_mib"),
            ({"gpus": [{**GPU, "uuid": "0000:01:00.0"}]}, "/inventory/gpus/0/uuid"),
            ({"gpus": [{**GPU, "uuid": f"GPU-{i}"} for i in range(65)]}, "/inventory/gpus"),
            ({"network_mbps": -1}, "/inventory/network_mbps"),
            ({"network_mbps": 2**64}, "/inventory/network_mbps"),
        ],
    )
    def test_an_inventory_that_cannot_be_true_is_refused(
        self, world: World, provider: Person, change: dict[str, Any], pointer: str
    ) -> None:
        answer = enroll(world, make_code(provider)["code"], **change)
        assert (answer.status, answer.pointers) == (422, [pointer])
        assert provider.call("GET", "/v1/provider/hosts").json["items"] == []

    def test_a_heartbeat_is_held_to_the_same(self, world: World, provider: Person) -> None:
        host = provider.add_host(gpus=[GPU])
        host.heartbeat()
        before = provider.call("GET", f"/v1/provider/hosts/{host.id}").json
        lies: list[tuple[dict[str, Any], str]] = [
            ({"gpus": [GPU], "sellable": {"vcpus": 64, "memory_mib": 1, "disk_gib": 1}}, "/inventory/sellable/vcpus"),
            ({"gpus": [GPU, GPU]}, "/inventory/gpus/1/uuid"),
        ]
        for change, pointer in lies:
            world.time.advance(timedelta(seconds=1))
            answer = host.heartbeat_with({"inventory": inventory(**change)})
            assert (answer.status, [problem["pointer"] for problem in answer.json["problems"]]) == (200, [pointer])
        after = provider.call("GET", f"/v1/provider/hosts/{host.id}").json
        kept = ("free", "devices", "version")
        assert [after[name] for name in kept] == [before[name] for name in kept]
        assert [device["uuid"] for device in after["devices"]] == ["GPU-1"]

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
    def test_no_number_is_no_number(self, world: World, provider: Person, value: str) -> None:
        host = provider.add_host()
        raw = (
            '{"protocol_version":1,"instance":"'
            + "0" * 32
            + '","figures":{"captured_at":"2030-01-31T12:00:00Z","cpu_used_percent":'
        )
        raw += value + ',"load_1m":0,"memory_used_mib":0,"disk_used_gib":0,"network_rx_bytes":0,"network_tx_bytes":0}}'
        answer = host.send_bytes("/v1/agent/heartbeat", raw.encode(), "application/json")
        assert answer.status in (400, 422)
        if answer.status == 422:
            assert answer.pointers == ["/figures/cpu_used_percent"]

    def test_ten_megabytes_are_too_much(self, world: World, provider: Person) -> None:
        host = provider.add_host()
        for path in ("/v1/agent/heartbeat", "/v1/agent/self-test", "/v1/agent/enroll"):
            answer = host.send_bytes(path, b'{"x":"' + b"a" * 10 * 1024 * 1024 + b'"}', "application/json")
            assert answer.status == 413, path
        assert MAX_BODY_BYTES < 10 * 1024 * 1024
