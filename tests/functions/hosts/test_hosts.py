"""Hosts at the real functions: joining, speaking, falling silent; and everything that must be refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import answer as answered
from tests.support.events import call, event
from tests.support.world import Host, Person, World, function, inventory

from sharemtc import clock
from sharemtc.hosts.liveness import sweep as sweeping
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.states import HostState
from sharemtc.schemas import rfc3339


def code_of(provider: Person) -> str:
    return str(provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"])


def enroll(world: World, code: str, **changes: Any) -> Any:
    host = Host(world)
    return host.send("POST", "/v1/agent/enroll", host.enrollment(code, **changes), subject="enroll")


class TestEnrollment:
    def test_a_code_works_once(self, world: World, provider: Person) -> None:
        code = code_of(provider)
        assert enroll(world, code).status == 201
        again = enroll(world, code)
        assert (again.status, again.code) == (403, "enrollment_code_refused")
        assert len(provider.call("GET", "/v1/provider/hosts").json["items"]) == 1

    def test_an_expired_a_used_and_a_guessed_code_look_the_same(self, world: World, provider: Person) -> None:
        expired, used = code_of(provider), code_of(provider)
        enroll(world, used)
        world.time.advance(timedelta(minutes=15))
        answers = [enroll(world, code).text for code in (expired, used, "x" * 32)]
        assert len(set(answers)) == 1

    def test_whoever_enrolls_a_key_must_hold_it(self, world: World, provider: Person) -> None:
        body = Host(world).enrollment(code_of(provider))
        thief = Host(world)
        answer = thief.send("POST", "/v1/agent/enroll", body, subject="enroll")
        assert (answer.status, answer.code) == (401, "invalid_signature")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"sellable": {"vcpus": 5, "memory_mib": 1, "disk_gib": 1}}, "/inventory/sellable/vcpus"),
            ({"total": {"vcpus": -1, "memory_mib": 1, "disk_gib": 1}}, "/inventory/total/vcpus"),
            ({"total": {"vcpus": 2**64, "memory_mib": 1, "disk_gib": 1}}, "/inventory/total/vcpus"),
            ({"total": {"vcpus": 1.5, "memory_mib": 1, "disk_gib": 1}}, "/inventory/total/vcpus"),
            ({"gpus": [{"uuid": "GPU-1", "model": "A", "vram_mib": 1}] * 2}, "/inventory/gpus/1/uuid"),
            ({"name": "box\n"}, "/inventory/name"),
            ({"cpu_model": "a\x00b"}, "/inventory/cpu_model"),
        ],
    )
    def test_a_lie_is_refused_with_its_field(
        self, world: World, provider: Person, change: dict[str, Any], pointer: str
    ) -> None:
        answer = enroll(world, code_of(provider), **change)
        assert answer.status == 422, answer.text
        assert pointer in answer.pointers


class TestSignature:
    def test_forged_requests_are_refused_and_change_nothing(self, host: Host, world: World) -> None:
        _, before = read_state(host.id)
        thief = Host(world, id=host.id, seq=100)
        world.time.advance(timedelta(seconds=10))
        answers = [
            thief.heartbeat(),
            host.heartbeat(sub="hst_01AAAAAAAAAAAAAAAAAAAAAAAA"),
            host.heartbeat(aud="someone-else"),
            host.heartbeat(extra="claim"),
        ]
        assert [(answer.status, answer.code) for answer in answers] == [(401, "invalid_signature")] * len(answers)
        assert len({answer.text for answer in answers}) == 1
        _, after = read_state(host.id)
        assert (after.seq, after.last_seen_at) == (before.seq, before.last_seen_at)

    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"bsh": "A" * 43}, "body_mismatch"),
            ({"htm": "PUT"}, "request_mismatch"),
            ({"htp": "/v1/agent/retire"}, "request_mismatch"),
            ({"iat": -300, "exp": -240}, "token_expired"),
            ({"iat": 0, "exp": 3600}, "token_expired"),
            ({"iat": 300, "exp": 360}, "clock_skew"),
        ],
    )
    def test_only_who_holds_the_key_learns_what_is_wrong(
        self, host: Host, world: World, claims: dict[str, Any], code: str
    ) -> None:
        _, before = read_state(host.id)
        now_s = world.time() // 1000
        signed = {name: value + now_s if isinstance(value, int) else value for name, value in claims.items()}
        told = host.heartbeat(**signed)
        assert (told.status, told.code) == (401, code)
        assert ("server_time" in told.json) == (code in ("token_expired", "clock_skew"))
        assert Host(world, id=host.id, seq=100).heartbeat(**signed).code == "invalid_signature"
        assert read_state(host.id)[1].seq == before.seq

    @pytest.mark.parametrize("wrong", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xe2\x82"])
    def test_a_body_that_is_not_utf_8_is_no_false_signature(self, host: Host, wrong: bytes) -> None:
        sent = b'{"reason":"' + wrong + b'"}'
        # as the gateway hands it on
        raw = sent.decode("utf-8", "replace")
        told = [
            call(
                function("agent").app,
                "POST",
                "/v1/agent/drain",
                raw=raw,
                token=sender.token_for("/v1/agent/drain", sent),
            )
            for sender in (host, Host(host.world, id=host.id, seq=100))
        ]
        assert [(one.status, one.code) for one in told] == [(400, "bad_request"), (401, "invalid_signature")]
        assert "UTF-8" in told[0].json["detail"]

    def test_a_signed_body_may_hold_the_sign_for_what_cannot_be_read(self, host: Host) -> None:
        text = '{"reason":"\ufffd"}'
        token = host.token_for("/v1/agent/drain", text.encode())
        given = call(function("agent").app, "POST", "/v1/agent/drain", raw=text, token=token)
        assert given.status not in (400, 401), given.text

    @pytest.mark.parametrize("path", ["retire", "drain", "self-test", "telemetry", f"commands/cmd_{'0' * 32}/result"])
    def test_what_was_signed_for_one_path_is_refused_at_another(self, host: Host, path: str) -> None:
        raw, token = host.signed("POST", "/v1/agent/heartbeat", {"reason": "replayed"})
        app = function("ingest" if path == "telemetry" else "agent").app
        answer = call(app, "POST", f"/v1/agent/{path}", raw=raw, token=token)
        assert (answer.status, answer.code) == (401, "request_mismatch"), answer.text
        assert read_state(host.id)[0].state is HostState.READY

    def test_an_enrollment_signed_for_another_path_is_refused_and_leaves_the_code(
        self, world: World, provider: Person
    ) -> None:
        machine, code = Host(world), code_of(provider)
        body = machine.enrollment(code)
        wrong = machine.send("POST", "/v1/agent/enroll", body, subject="enroll", htp="/v1/agent/heartbeat")
        assert (wrong.status, wrong.code) == (401, "request_mismatch")
        assert machine.send("POST", "/v1/agent/enroll", body, subject="enroll").status == 201

    @pytest.mark.parametrize("base_path", ["", "/compute", "/a/b"])
    def test_a_base_path_before_the_api_is_not_what_is_signed(self, host: Host, base_path: str) -> None:
        raw, token = host.signed("POST", "/v1/agent/drain", {"reason": "tired"})
        given = event("POST", "/v1/agent/drain", raw=raw, token=token, base_path=base_path)
        told = answered(function("agent").app(given, None))
        assert (told.status, told.json) == (200, {"state": "draining"}), told.text

    def test_a_replayed_drain_does_not_undo_what_its_owner_decided_since(self, host: Host, provider: Person) -> None:
        raw, token = host.signed("POST", "/v1/agent/drain", {"reason": "tired"})
        app = function("agent").app
        assert call(app, "POST", "/v1/agent/drain", raw=raw, token=token).status == 200
        resumed = provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"draining": False})
        assert resumed.status == 200, resumed.text
        replayed = call(app, "POST", "/v1/agent/drain", raw=raw, token=token)
        assert (replayed.status, replayed.code) == (409, "stale_sequence")
        assert read_state(host.id)[0].state is HostState.READY
        assert host.send("POST", "/v1/agent/drain", {"reason": "again"}).status == 200

    def test_a_replayed_self_test_is_not_kept_again(self, host: Host) -> None:
        def run(name: str) -> dict[str, Any]:
            at = clock.now().isoformat()
            check = {"name": name, "verdict": "ok"}
            return {"started_at": at, "finished_at": at, "agent_version": "0.1.0", "checks": [check]}

        app = function("agent").app
        raw, token = host.signed("POST", "/v1/agent/self-test", run("first"))
        assert call(app, "POST", "/v1/agent/self-test", raw=raw, token=token).json == {"applied": True}
        assert host.send("POST", "/v1/agent/self-test", run("second")).json == {"applied": True}
        assert call(app, "POST", "/v1/agent/self-test", raw=raw, token=token).code == "stale_sequence"

    def test_a_replayed_poll_takes_no_orders_from_its_host(self, host: Host, world: World, provider: Person) -> None:
        _, token = host.signed("GET", "/v1/agent/commands", None)
        app = function("agent").app
        assert call(app, "GET", "/v1/agent/commands", token=token).json == {"commands": []}
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        world.task("dispatch", provider.vm(provider.rent().json["id"]), token="t" * 20)
        assert call(app, "GET", "/v1/agent/commands", token=token).code == "stale_sequence"
        assert len(host.commands()) == 1

    def test_no_signature_and_a_persons_token_are_refused(self, host: Host, provider: Person) -> None:
        app = function("agent").app
        assert call(app, "GET", "/v1/agent/commands").status == 401
        assert call(app, "GET", "/v1/agent/commands", token=provider.token).status == 401

    def test_a_replayed_heartbeat_changes_nothing(self, host: Host, world: World) -> None:
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        replayed = host.heartbeat(seq=2)
        assert (replayed.status, replayed.code) == (409, "stale_sequence")
        assert replayed.json["last_seq"] == host.seq - 1

    def test_another_hosts_command_is_not_found(self, world: World, provider: Person, host: Host) -> None:
        vm_id = provider.rent().json["id"]
        world.task("dispatch", provider.vm(vm_id), token="t" * 20)
        (command,) = host.commands()
        other = provider.add_host(name="other")
        other.heartbeat()
        foreign = other.prove(command, "running")
        missing = other.prove({**command, "id": "cmd_" + "0" * 32}, "running")
        assert (foreign.status, foreign.text) == (404, missing.text)
        assert provider.vm(vm_id)["status"] == "provisioning"

    @pytest.mark.parametrize(
        ("outcome", "pointer"),
        [
            ({}, "/proof"),
            ({"proof": {"state": "running"}, "failure": {"code": "x_y", "detail": ""}}, "/proof"),
            ({"proof": {"state": "running"}, "generation": 9}, "/generation"),
        ],
    )
    def test_a_result_must_be_one_thing(
        self, world: World, provider: Person, host: Host, outcome: dict[str, Any], pointer: str
    ) -> None:
        vm_id = provider.rent().json["id"]
        world.task("dispatch", provider.vm(vm_id), token="t" * 20)
        (command,) = host.commands()
        answer = host.result(command, **outcome)
        assert (answer.status, answer.pointers) == (422, [pointer])


class TestCommands:
    def test_an_order_is_leased_to_one_poll_at_a_time(self, world: World, provider: Person, host: Host) -> None:
        vm_id = provider.rent().json["id"]
        world.task("dispatch", provider.vm(vm_id), token="t" * 20)
        (first,) = host.commands()
        assert host.commands() == []
        world.time.advance(timedelta(seconds=31))
        (again,) = host.commands()
        assert again["id"] == first["id"]
        assert again["spec"]["ssh_public_keys"][0].startswith("ssh-ed25519 ")


class TestLiveness:
    def test_silence_is_told_and_ended_by_a_heartbeat(self, world: World, provider: Person, host: Host) -> None:
        sweep = sweeping.sweep
        world.time.advance(timedelta(seconds=15))
        assert sweep() == 0
        world.time.advance(timedelta(seconds=1))
        assert (sweep(), sweep()) == (1, 0)
        assert read_state(host.id)[0].state is HostState.SUSPECT
        world.time.advance(timedelta(seconds=15))
        assert sweep() == 1
        assert read_state(host.id)[0].state is HostState.OFFLINE
        world.time.advance(timedelta(seconds=1))
        assert host.heartbeat().status == 200
        capacity, _ = read_state(host.id)
        assert (capacity.state, capacity.epoch) == (HostState.READY, 2)
        events = provider.call("GET", "/v1/resources/events").json["items"]
        told = [event["type"] for event in events if event["resource_type"] == "host"]
        assert sorted(told[:2]) == ["host.enrolled", "host.ready"], "both in one instant of this world"
        assert told[2:] == ["host.suspect", "host.offline", "host.ready"]

    def test_silence_that_no_sweep_has_stored_yet_shows_with_its_reason(
        self, world: World, provider: Person, host: Host
    ) -> None:
        heard_at = read_state(host.id)[1].last_seen_at
        for after, state in ((16, "suspect"), (31, "offline")):
            world.time.advance(heard_at + timedelta(seconds=after) - clock.now())
            shown = provider.call("GET", f"/v1/provider/hosts/{host.id}").json
            assert (shown["state"], shown["state_reason"]) == (state, "silence")
            assert shown["state_at"] == rfc3339(heard_at + timedelta(seconds=after - 1))

    def test_a_fresh_lease_that_tells_nothing_new_writes_nothing(self, world: World, host: Host) -> None:
        _, before = read_state(host.id)
        world.time.advance(timedelta(seconds=5))
        assert host.heartbeat().status == 200
        assert read_state(host.id)[1].seq == before.seq
        world.time.advance(timedelta(seconds=5))
        assert host.heartbeat().status == 200
        assert read_state(host.id)[1].seq > before.seq

    def test_an_offer_shows_no_address_and_no_key(self, host: Host) -> None:
        text = call(function("catalog").app, "GET", "/v1/catalog/hosts").text
        assert host.id in text
        assert "127.0.0.1" not in text
        assert host.public_key not in text

    def test_a_description_may_change_and_adds_nothing_to_what_is_sold(self, world: World, host: Host) -> None:
        world.time.advance(timedelta(seconds=10))
        bigger = {"vcpus": 64, "memory_mib": 65_536, "disk_gib": 1000}
        changed = inventory(total=bigger, sellable=bigger, images=["tiny", "big"])
        assert host.heartbeat_with({"inventory": changed}).status == 200
        offer = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"][0]
        assert offer["images"] == ["tiny", "big"]
        assert (read_state(host.id)[0].free_vcpus, offer["sellable"]["vcpus"]) == (4, 4)
