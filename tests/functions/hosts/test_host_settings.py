"""What owners set of their hosts and themselves, windows that come and go, and how hosts leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import Answer, call
from tests.support.world import Host, Person, World, function

from sharemtc import clock
from sharemtc.hosts import service as hosts
from sharemtc.hosts import updates
from sharemtc.hosts.kinds import CloudType
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.liveness.sweep import sweep
from sharemtc.requests import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskState
from sharemtc.risks.schemas import RiskQuery
from sharemtc.schemas import rfc3339


def detail(provider: Person, host: Host) -> dict[str, Any]:
    return dict(provider.call("GET", f"/v1/provider/hosts/{host.id}").json)


def change(provider: Person, host: Host, headers: dict[str, str] | None = None, **body: Any) -> Answer:
    return provider.call("PATCH", f"/v1/provider/hosts/{host.id}", body, headers=headers or {})


def window(start: timedelta, length: timedelta, reason: str = "new disks") -> dict[str, Any]:
    starts_at = clock.now() + start
    return {"starts_at": rfc3339(starts_at), "ends_at": rfc3339(starts_at + length), "reason": reason}


def beat(world: World, host: Host) -> None:
    world.time.advance(timedelta(seconds=10))
    assert host.heartbeat().status == 200


def lose(world: World) -> None:
    """Let the sweep see the host fall silent for good."""
    for _ in range(2):
        world.time.advance(timedelta(seconds=20))
        assert sweep() == 1


def events(provider: Person, host: Host) -> list[tuple[str, str]]:
    items = provider.call("GET", f"/v1/provider/hosts/{host.id}/events").json["items"]
    return [(event["type"], event["reason"]) for event in items]


class TestSettings:
    def test_owners_see_all_of_them_and_renters_no_label(self, provider: Person, host: Host) -> None:
        answer = change(
            provider, host, name="atlas", region="eu-1", labels={"rack": "7"},
            network={"volume": True, "global_networking": True},
        )  # fmt: skip
        assert answer.status == 200, answer.text
        shown = detail(provider, host)
        assert (shown["name"], shown["region"], shown["labels"]) == ("atlas", "eu-1", {"rack": "7"})
        assert answer.headers["ETag"] == f'"{shown["version"]}"'
        offers = call(function("catalog").app, "GET", "/v1/catalog/hosts")
        (offer,) = offers.json["items"]
        assert (offer["region"], offer["cloud_type"]) == ("eu-1", "community")
        assert offer["network"] == {"mbps": None, "egress": False, "volume": True, "global_networking": True}
        assert "rack" not in offers.text
        assert "127.0.0.1" not in offers.text
        rented = provider.rent().json
        assert rented["region"] == "eu-1"

    def test_what_was_read_before_another_change_does_not_overwrite_it(self, provider: Person, host: Host) -> None:
        seen = detail(provider, host)["version"]
        assert change(provider, host, {"If-Match": f'"{seen}"'}, name="one").status == 200
        stale = change(provider, host, {"If-Match": f'"{seen}"'}, name="two")
        assert (stale.status, detail(provider, host)["name"]) == (412, "one")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"cloud_type": "secure"}, "/cloud_type"),
            ({"labels": {f"k{i}": "" for i in range(21)}}, "/labels"),
            ({"labels": {"k": "v" * 101}}, "/labels/k"),
            ({"labels": {"k": "a\nb"}}, "/labels/k"),
            ({"name": "a b"}, "/name"),
            ({"region": "EU"}, "/region"),
            ({"network": {"mbps": 1}}, "/network/mbps"),
            ({"maintenance": {"starts_at": "2030-02-01T00:00:00Z", "reason": "new disks"}}, "/maintenance/ends_at"),
            ({"draining": "yes please"}, "/draining"),
        ],
    )
    def test_what_is_not_the_owners_or_cannot_be_is_refused(
        self, provider: Person, host: Host, body: dict[str, Any], pointer: str
    ) -> None:
        before = detail(provider, host)
        answer = change(provider, host, **body)
        assert (answer.status, answer.pointers) == (422, [pointer]), answer.text
        assert detail(provider, host) == before

    def test_a_label_needs_a_plain_key(self, provider: Person, host: Host) -> None:
        for key in ("", "Ü", "a b", "x" * 64):
            assert change(provider, host, labels={key: "v"}).status == 422

    def test_operators_set_the_cloud_type(self, provider: Person, host: Host) -> None:
        updates.decide_for_host(
            hosts.find(host.id), IfMatch(), actor="usr_op", reason="audited", cloud_type=CloudType.SECURE
        )
        assert detail(provider, host)["cloud_type"] == "secure"


class TestDraining:
    def test_takes_no_new_work_and_goes_back(self, world: World, provider: Person, host: Host) -> None:
        epoch = read_state(host.id)[0].epoch
        assert change(provider, host, draining=True).json["state"] == "draining"
        refused = provider.rent()
        assert (refused.status, refused.code) == (409, "no_capacity")
        beat(world, host)
        shown = detail(provider, host)
        assert (shown["state"], shown["presence"], "resume" in shown["actions"]) == ("draining", "live", True)
        assert change(provider, host, draining=False).json["state"] == "ready"
        assert read_state(host.id)[0].epoch == epoch + 1
        assert provider.rent().status == 201
        assert events(provider, host)[:4] != []
        assert ("host.draining", "provider") in events(provider, host)

    def test_silence_shows_while_draining_and_after(self, world: World, provider: Person, host: Host) -> None:
        change(provider, host, draining=True)
        world.time.advance(timedelta(minutes=5))
        assert sweep() == 0
        shown = detail(provider, host)
        assert (shown["state"], shown["presence"]) == ("draining", "offline")
        assert change(provider, host, draining=False).json["state"] == "offline"
        beat(world, host)
        assert detail(provider, host)["state"] == "ready"

    def test_what_an_operator_drained_only_an_operator_resumes(self, provider: Person, host: Host) -> None:
        change(provider, host, draining=True)

        def decide(draining: bool) -> None:
            record = hosts.find(host.id)
            updates.decide_for_host(record, IfMatch(), actor="usr_op", reason="complaints", draining=draining)

        decide(True)
        refused = change(provider, host, draining=False)
        assert (refused.status, refused.code) == (409, "held_by_operator")
        assert "resume" not in detail(provider, host)["actions"]
        decide(False)
        assert detail(provider, host)["state"] == "ready"


class TestMaintenance:
    def test_begins_and_ends_by_time(self, world: World, provider: Person, host: Host) -> None:
        planned = window(timedelta(seconds=15), timedelta(seconds=20))
        shown = change(provider, host, maintenance=planned).json
        assert (shown["state"], shown["maintenance"]["reason"]) == ("ready", "new disks")
        beat(world, host)
        world.time.advance(timedelta(seconds=5))
        assert detail(provider, host)["state"] == "maintenance", "judged when read"
        assert provider.rent().code == "no_capacity"
        assert (sweep(), sweep()) == (1, 0)
        beat(world, host)
        beat(world, host)
        shown = detail(provider, host)
        assert (shown["state"], shown["maintenance"]) == ("ready", None)
        assert (sweep(), sweep()) == (1, 0)
        assert provider.rent().status == 201
        told = [event for event in events(provider, host) if event[1].startswith("maintenance_")]
        assert sorted(told) == [("host.maintenance", "maintenance_began"), ("host.ready", "maintenance_ended")]

    def test_can_begin_now_and_be_dropped(self, provider: Person, host: Host) -> None:
        now = window(timedelta(0), timedelta(days=1))
        assert change(provider, host, maintenance=now).json["state"] == "maintenance"
        assert read_state(host.id)[0].state == "maintenance"
        dropped = change(provider, host, maintenance=None).json
        assert (dropped["state"], dropped["maintenance"]) == ("ready", None)
        assert change(provider, host, name="other").json["maintenance"] is None

    def test_a_host_that_returns_within_its_window_waits_for_its_end(
        self, world: World, provider: Person, host: Host
    ) -> None:
        lose(world)
        assert read_state(host.id)[0].state == "offline"
        change(provider, host, maintenance=window(timedelta(0), timedelta(minutes=5)))
        beat(world, host)
        assert detail(provider, host)["state"] == "maintenance"

    def test_an_impossible_window_is_refused(self, provider: Person, host: Host) -> None:
        for start, length, pointer in [
            (timedelta(hours=1), timedelta(0), "/maintenance/ends_at"),
            (timedelta(hours=-2), timedelta(hours=1), "/maintenance/ends_at"),
            (timedelta(0), timedelta(days=31), "/maintenance/ends_at"),
            (timedelta(days=400), timedelta(days=1), "/maintenance/starts_at"),
        ]:
            answer = change(provider, host, maintenance=window(start, length))
            assert (answer.status, answer.pointers) == (422, [pointer])

    @pytest.mark.parametrize("reason", ["", "   ", None])
    def test_a_window_says_what_it_is_for(self, provider: Person, host: Host, reason: str | None) -> None:
        planned = {**window(timedelta(hours=1), timedelta(hours=1)), "reason": reason}
        if reason is None:
            del planned["reason"]
        answer = change(provider, host, maintenance=planned)
        assert (answer.status, answer.pointers) == (422, ["/maintenance/reason"]), answer.text
        assert detail(provider, host)["maintenance"] is None


class TestLeaving:
    def test_an_agent_drains_its_host_and_the_owner_resumes_it(
        self, world: World, provider: Person, host: Host
    ) -> None:
        answers = [host.send("POST", "/v1/agent/drain", {"reason": "update"}) for _ in range(2)]
        assert [answer.json for answer in answers] == [{"state": "draining"}] * 2
        assert detail(provider, host)["state_reason"] == "agent"
        assert change(provider, host, draining=False).json["state"] == "ready"

    def test_a_host_retires_with_a_receipt_once_nothing_is_leased(
        self, world: World, provider: Person, host: Host
    ) -> None:
        vm_id = provider.rent().json["id"]
        world.carry_out(provider, host, vm_id, "running")
        refused = host.send("POST", "/v1/agent/retire", {})
        assert (refused.status, refused.code) == (409, "workloads_left")
        assert detail(provider, host)["state"] == "draining"
        provider.act(vm_id, "terminate")
        world.carry_out(provider, host, vm_id, "gone")
        world.time.advance(timedelta(seconds=1))
        receipts = [host.send("POST", "/v1/agent/retire", {"reason": "sold"}) for _ in range(2)]
        assert receipts[0].json == {"host_id": host.id, "retired_at": "2030-01-31T12:00:01Z", "state": "retired"}
        assert receipts[0].text == receipts[1].text
        closed = [
            host.heartbeat(),
            host.send("POST", "/v1/agent/self-test", self_test()),
            host.send("POST", "/v1/agent/drain", {}),
            host.send("GET", "/v1/agent/commands"),
            host.send("POST", f"/v1/agent/commands/cmd_{'0' * 32}/progress", {"phase": "booting"}),
        ]
        for answer in closed:
            assert (answer.status, answer.code) == (403, "host_closed")
        assert call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"] == []
        assert (detail(provider, host)["state"], detail(provider, host)["actions"]) == ("retired", [])
        assert not hosts.provides(provider.user_id)

    def test_an_owner_retires_a_machine_that_is_gone(self, world: World, provider: Person, host: Host) -> None:
        lose(world)
        answer = provider.call("POST", f"/v1/provider/hosts/{host.id}/retire")
        assert (answer.status, answer.json["state"], answer.json["state_reason"]) == (200, "retired", "provider")
        assert provider.call("POST", f"/v1/provider/hosts/{host.id}/retire").json["state"] == "retired"
        assert change(provider, host, name="again").code == "host_ended"


def self_test(verdict: str = "ok", second: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "started_at": f"2030-01-31T11:59:{second:02d}Z",
        "finished_at": "2030-01-31T12:00:00Z",
        "agent_version": "0.1.0",
        "checks": [
            {"name": "clock_skew", "verdict": "ok", "value": 0.1, "unit": "s"},
            {"name": "virtualisation", "verdict": verdict, "detail": "booted"},
        ],
        **changes,
    }


class TestSelfTest:
    def test_is_kept_shown_and_told_to_operators_when_it_fails(
        self, world: World, provider: Person, host: Host
    ) -> None:
        assert detail(provider, host)["self_test"] is None
        failing = self_test("fail")
        told = [host.send("POST", "/v1/agent/self-test", failing).json for _ in range(2)]
        assert told == [{"applied": True}, {"applied": False}]
        shown = detail(provider, host)["self_test"]
        assert (shown["verdict"], shown["checks"][0]["value"]) == ("fail", 0.1)
        (risk,) = risks.list_risks(RiskQuery()).items
        assert (risk.resource_id, risk.detail) == (host.id, "box fails: virtualisation.")
        world.time.advance(timedelta(seconds=1))
        assert host.send("POST", "/v1/agent/self-test", self_test("warn")).json == {"applied": True}
        (listed,) = provider.call("GET", "/v1/provider/hosts").json["items"]
        assert listed["self_test"]["verdict"] == "warn"
        assert risks.list_risks(RiskQuery()).items == ()
        assert len(risks.list_risks(RiskQuery(state=RiskState.RESOLVED)).items) == 1

    def test_the_last_fifty_are_kept(self, world: World, provider: Person, host: Host) -> None:
        for second in range(55):
            world.time.advance(timedelta(milliseconds=10))
            assert host.send("POST", "/v1/agent/self-test", self_test(second=second)).status == 200
        path = f"/v1/provider/hosts/{host.id}/self-tests?limit=40"
        first = provider.call("GET", path).json
        rest = provider.call("GET", f"{path}&cursor={first['next_cursor']}").json
        assert [len(first["items"]), len(rest["items"])] == [40, 10]
        assert first["items"][0]["started_at"] == "2030-01-31T11:59:54.000Z"

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"started_at": "2030-01-31T12:00:01Z"}, "/finished_at"),
            ({"started_at": "2030-01-20T12:00:00Z"}, "/finished_at"),
            ({"started_at": "2030-01-31T12:00:00"}, "/started_at"),
            ({"finished_at": "9999-12-31T23:59:59-23:59"}, "/finished_at"),
            ({"checks": []}, "/checks"),
        ],
    )
    def test_what_contradicts_itself_is_refused(self, host: Host, changes: dict[str, Any], pointer: str) -> None:
        answer = host.send("POST", "/v1/agent/self-test", self_test(**changes))
        assert (answer.status, answer.pointers) == (422, [pointer])


class TestProfile:
    def test_is_nobodys_until_it_is_named_or_a_code_is_asked_for(self, provider: Person) -> None:
        path = "/v1/provider/profile"
        before = provider.call("GET", path).json
        assert (before["version"], before["display_name"], before["tier"]) == (0, "Someone", "community")
        named = provider.call("PUT", path, {"display_name": "Ada's machines"}, headers={"If-Match": '"0"'})
        assert (named.status, named.json["version"], named.headers["ETag"]) == (200, 1, '"1"')
        stale = provider.call("PUT", path, {"display_name": "Bob"}, headers={"If-Match": '"0"'})
        assert stale.status == 412
        assert provider.call("PUT", path, {"display_name": "Bob"}).json["version"] == 2
        for wrong in ("", " ", "a\nb", "x" * 81):
            assert provider.call("PUT", path, {"display_name": wrong}).pointers == ["/display_name"]
