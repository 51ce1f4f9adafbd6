"""What operators decide: tiers, drains, bans, windows; hosts follow, owners and renters are told, evidence stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.world import Host, Person, World, function

from sharemtc import clock
from sharemtc.audit import service as audit
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.liveness.leases import HostMoved
from sharemtc.hosts.providers import service as providers
from sharemtc.principals import Role
from sharemtc.storage.transactions import Transaction

CODES = "/v1/admin/agent/enrollment-codes"


class Town:
    """A provider with two machines, one of which carries a renter's VM, and operators of each role."""

    def __init__(self, time: Time) -> None:
        self.time, self.world = time, World.start(time)
        self.ada, self.eve = self.world.join("ada@example.com"), self.world.join("eve@example.com")
        self.busy, self.idle = self.ada.add_host(name="busy"), self.ada.add_host(name="idle")
        self.busy.heartbeat()
        self.idle.heartbeat()
        self.vm_id = str(self.eve.rent(host_id=self.busy.id).json["id"])
        self.world.carry_out(self.eve, self.busy, self.vm_id, "running")
        self.admin, self.ops = self.world.operator(Role.ADMIN), self.world.operator(Role.OPS_ADMIN)

    def decide(self, body: dict[str, Any], operator: Person | None = None, **options: Any) -> Answer:
        """Decide something of the provider."""
        path = f"/v1/admin/providers/{self.ada.user_id}"
        return (operator or self.admin).call("PATCH", path, body, **options)

    def decide_host(self, host: Host, body: dict[str, Any], operator: Person | None = None, **options: Any) -> Answer:
        """Decide something of a host."""
        return (operator or self.ops).call("PATCH", f"/v1/admin/hosts/{host.id}", body, **options)

    def states(self) -> dict[str, tuple[str, str]]:
        """State and reason of each machine as its owner sees them."""
        found = self.ada.call("GET", "/v1/provider/hosts").json["items"]
        return {host["name"]: (host["state"], host["state_reason"]) for host in found}

    def events(self, person: Person, resource_id: str) -> list[dict[str, Any]]:
        """What the person was told of a resource, oldest first."""
        items = person.call("GET", "/v1/resources/events").json["items"]
        return [event for event in items if event["resource_id"] == resource_id]

    def watch(self) -> dict[str, int]:
        """One run of the risk rules."""
        return dict(function("risk_rules").handler({}, None))

    def acts(self) -> list[dict[str, Any]]:
        """What operators did, newest first."""
        return list(self.admin.call("GET", "/v1/admin/audit").json["items"])


@pytest.fixture
def town(time: Time) -> Town:
    return Town(time)


BAN = {"state": "banned", "reason": "sold machines that are not theirs"}


class TestTier:
    def test_changes_with_version_and_evidence(self, town: Town) -> None:
        answer = town.decide({"tier": "verified"}, headers={"If-Match": '"1"'})
        assert (answer.status, answer.json["tier"], answer.headers["ETag"]) == (200, "verified", '"2"')
        (act,) = town.acts()
        assert (act["event"], act["resource_id"]) == ("provider.changed", town.ada.user_id)
        assert act["detail"]["tier"] == "verified"

    def test_of_a_version_that_is_past_is_refused(self, town: Town) -> None:
        town.decide({"tier": "verified"})
        answer = town.decide({"tier": "secure"}, headers={"If-Match": '"1"'})
        assert (answer.status, answer.code) == (412, "precondition_failed")
        assert len(town.acts()) == 1

    @pytest.mark.parametrize("body", [{"tier": "verified"}, BAN, {"draining": True, "reason": "x"}])
    def test_is_not_for_the_watch(self, town: Town, body: dict[str, Any]) -> None:
        assert town.decide(body, town.ops).status == 403

    @pytest.mark.parametrize("body", [{}, {"state": "banned"}, {"draining": True, "reason": "  "}, {"reason": "x"}])
    def test_needs_something_and_a_reason(self, town: Town, body: dict[str, Any]) -> None:
        assert town.decide(body).status == 422
        assert town.acts() == []


class TestBan:
    def test_idle_host_is_shut_out_and_a_busy_one_drains_until_it_carries_nothing(self, town: Town) -> None:
        answer = town.decide(BAN)
        assert (answer.status, answer.json["state"], answer.json["state_reason"]) == (200, "banned", BAN["reason"])
        assert town.states() == {
            "busy": ("draining", "provider_banned"),
            "idle": ("banned", "provider_banned"),
        }
        assert town.idle.heartbeat().code == "host_closed"
        # the renter's machine runs on, and obeys
        assert town.busy.heartbeat().status == 200
        assert town.eve.vm(town.vm_id)["status"] == "running"
        town.time.advance(timedelta(minutes=5))
        town.busy.heartbeat()
        town.eve.act(town.vm_id, "terminate")
        town.world.carry_out(town.eve, town.busy, town.vm_id, "gone")
        assert town.watch()["followed"] == 1
        assert town.states()["busy"] == ("banned", "provider_banned")
        assert town.watch()["followed"] == 0

    def test_nothing_new_is_taken_and_nothing_joins(self, town: Town) -> None:
        town.decide(BAN)
        assert town.eve.rent().code == "no_capacity"
        assert town.ada.call("POST", "/v1/provider/enrollment-codes", {}).code == "provider_banned"
        assert town.admin.call("POST", CODES, {"provider_id": town.ada.user_id}).code == "provider_banned"

    def test_owner_and_renter_are_told_and_nobody_which_operator(self, town: Town) -> None:
        town.decide(BAN)
        (told,) = town.events(town.ada, town.ada.user_id)
        assert (told["type"], told["actor"], told["detail"]) == ("provider.banned", "operator", BAN["reason"])
        assert "vm.host_leaving" in [event["type"] for event in town.events(town.eve, town.vm_id)]
        for person in (town.ada, town.eve):
            text = person.call("GET", "/v1/resources/events").text
            assert town.admin.user_id not in text
        assert town.admin.user_id not in town.ada.call("GET", "/v1/auth/audit").text

    def test_evidence_stands_in_three_chains_that_verify(self, town: Town) -> None:
        town.decide(BAN)
        (act,) = town.acts()
        assert (act["operator_id"], act["reason"]) == (town.admin.user_id, BAN["reason"])
        assert act["detail"]["state"] == "banned"
        for person in (town.ada, town.admin):
            (*_, newest) = audit.read_chain(person.user_id)
            assert (newest.event, newest.detail) == ("provider.changed", {"resource_id": town.ada.user_id})
            assert audit.verify(person.user_id).intact
        verdict = town.admin.call("GET", "/v1/admin/audit/verify").json
        assert (verdict["intact"], verdict["records"]) == (True, 1)

    def test_cannot_be_undone_by_the_owner(self, town: Town) -> None:
        town.decide(BAN)
        answer = town.ada.call("PATCH", f"/v1/provider/hosts/{town.busy.id}", {"draining": False})
        assert (answer.status, answer.code) == (409, "held_by_operator")

    def test_lifted_it_lets_the_hosts_in_again(self, town: Town) -> None:
        town.decide(BAN)
        town.decide({"state": "active", "reason": "proved theirs"})
        assert {state for state, _ in town.states().values()} == {"ready"}
        assert town.eve.rent(host_id=town.idle.id).status == 201

    def test_does_not_lift_the_ban_of_a_single_host(self, town: Town) -> None:
        town.decide(BAN)
        town.decide_host(town.idle, {"banned": True, "reason": "mines coins"})
        town.decide({"state": "active", "reason": "proved theirs"})
        assert town.states() == {"busy": ("ready", "operator"), "idle": ("banned", "provider_banned")}
        town.decide_host(town.idle, {"banned": False, "reason": "a mistake"})
        assert town.states()["idle"] == ("ready", "operator")

    def test_lifted_of_a_host_leaves_it_banned_with_its_provider(self, town: Town) -> None:
        town.decide_host(town.idle, {"banned": True, "reason": "mines coins"})
        town.decide(BAN)
        town.decide_host(town.idle, {"banned": False, "reason": "a mistake"})
        assert town.states()["idle"][0] == "banned"

    def test_holds_what_its_owner_drained(self, town: Town) -> None:
        town.ada.call("PATCH", f"/v1/provider/hosts/{town.busy.id}", {"draining": True})
        town.decide(BAN)
        answer = town.ada.call("PATCH", f"/v1/provider/hosts/{town.busy.id}", {"draining": False})
        assert answer.code == "held_by_operator"

    def test_cut_off_half_way_is_carried_through_by_the_risk_rules(self, town: Town) -> None:
        providers.change_provider(town.ada.user_id, state=ProviderState.BANNED, reason="cut off")
        assert {state for state, _ in town.states().values()} == {"ready"}
        assert town.watch()["followed"] == 2
        assert town.states()["idle"] == ("banned", "provider_banned")

    def test_race_with_an_order_never_bans_what_was_just_rented(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Transaction.commit
        raced: list[int] = []

        def commit(transaction: Transaction) -> None:
            if not raced and "banned" in _moves_of(transaction):
                raced.append(town.eve.rent(host_id=town.idle.id).status)
            real(transaction)

        monkeypatch.setattr(Transaction, "commit", commit)
        town.decide(BAN)
        assert raced == [201]
        assert town.states()["idle"] == ("draining", "provider_banned")


def _moves_of(transaction: Transaction) -> Iterator[str]:
    """The states to which hosts are moved, by the problem that stands for a move refused."""
    for write in transaction._writes():
        if isinstance(write.refused, HostMoved):
            yield "banned"


class TestDrain:
    def test_all_hosts_drain_and_come_back(self, town: Town) -> None:
        town.decide({"draining": True, "reason": "flood in the building"})
        assert set(town.states().values()) == {("draining", "provider_drained")}
        assert town.eve.rent().code == "no_capacity"
        assert town.eve.vm(town.vm_id)["status"] == "running"
        town.decide({"draining": False, "reason": "dry again"})
        assert {state for state, _ in town.states().values()} == {"ready"}

    def test_new_host_of_a_draining_provider_drains_too(self, town: Town) -> None:
        town.decide({"draining": True, "reason": "flood in the building"})
        town.ada.add_host(name="late").heartbeat()
        town.watch()
        assert town.states()["late"] == ("draining", "provider_drained")

    def test_what_its_owner_drained_stays_drained(self, town: Town) -> None:
        town.ada.call("PATCH", f"/v1/provider/hosts/{town.idle.id}", {"draining": True})
        town.decide({"draining": True, "reason": "flood in the building"})
        town.decide({"draining": False, "reason": "dry again"})
        assert town.states() == {"busy": ("ready", "operator"), "idle": ("draining", "provider")}


class TestHost:
    def test_drain_resume_with_version_and_evidence(self, town: Town) -> None:
        drained = town.decide_host(town.idle, {"draining": True, "reason": "disks fail"})
        assert (drained.status, drained.json["state"]) == (200, "draining")
        stale = town.decide_host(town.idle, {"draining": False, "reason": "x"}, headers={"If-Match": '"0"'})
        assert (stale.status, stale.code) == (412, "precondition_failed")
        version = drained.headers["ETag"]
        back = town.decide_host(town.idle, {"draining": False, "reason": "new disks"}, headers={"If-Match": version})
        assert back.json["state"] == "ready"
        assert [(act["event"], act["reason"]) for act in town.acts()] == [
            ("host.changed", "new disks"),
            ("host.changed", "disks fail"),
        ]
        assert town.acts()[0]["detail"]["draining"] == "false"
        told = town.events(town.ada, town.idle.id)
        assert ("host.draining", "disks fail") in [(event["type"], event["detail"]) for event in told]

    def test_ban_shuts_it_out_and_lifting_lets_it_in(self, town: Town) -> None:
        town.decide_host(town.idle, {"banned": True, "reason": "mines coins"})
        assert town.idle.heartbeat().code == "host_closed"
        town.decide_host(town.idle, {"banned": False, "reason": "a mistake"})
        assert town.idle.heartbeat().status == 200
        assert town.states()["idle"][0] == "ready"

    def test_ban_lets_renters_end_what_they_have_first(self, town: Town) -> None:
        banned = town.decide_host(town.busy, {"banned": True, "reason": "mines coins"}).json
        assert (banned["state"], banned["state_reason"]) == ("draining", "host_banned")
        assert "vm.host_leaving" in [event["type"] for event in town.events(town.eve, town.vm_id)]
        town.time.advance(timedelta(seconds=5))
        town.busy.heartbeat()
        town.eve.act(town.vm_id, "terminate")
        town.world.carry_out(town.eve, town.busy, town.vm_id, "gone")
        assert town.watch()["followed"] == 1
        assert town.states()["busy"] == ("banned", "host_banned")
        assert town.states()["idle"][0] == "ready"

    def test_retired_one_cannot_be_banned(self, town: Town) -> None:
        assert town.ada.call("POST", f"/v1/provider/hosts/{town.idle.id}/retire").status == 200
        answer = town.decide_host(town.idle, {"banned": True, "reason": "mines coins"})
        assert (answer.status, answer.code) == (409, "host_ended")

    def test_window_of_an_operator_keeps_new_work_away(self, town: Town) -> None:
        now = clock.now()
        window = {
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(hours=1)).isoformat(),
            "reason": "new switch",
        }
        answer = town.decide_host(town.idle, {"maintenance": window, "reason": "new switch"})
        assert (answer.status, answer.json["state"]) == (200, "maintenance"), answer.text
        assert town.eve.rent(host_id=town.idle.id).code == "no_capacity"
        over = town.decide_host(town.idle, {"maintenance": None, "reason": "done early"})
        assert (over.json["state"], over.json["maintenance"]) == ("ready", None)
        assert town.acts()[0]["detail"]["maintenance"] == "null"

    def test_cloud_type_is_for_admins(self, town: Town) -> None:
        body = {"cloud_type": "secure", "reason": "visited"}
        assert town.decide_host(town.idle, body).status == 403
        assert town.decide_host(town.idle, body, town.admin).json["cloud_type"] == "secure"
        assert len(town.acts()) == 1

    @pytest.mark.parametrize(
        "body",
        [
            {"draining": True},
            {"reason": "x"},
            {"draining": True, "reason": " "},
            {"banned": True, "draining": True, "reason": "x"},
            {"draining": True, "reason": "x", "name": "y"},
        ],
    )
    def test_needs_something_and_a_reason(self, town: Town, body: dict[str, Any]) -> None:
        assert town.decide_host(town.idle, body).status == 422


class TestProviders:
    def test_row_says_what_its_hosts_come_to(self, town: Town) -> None:
        (row,) = town.ops.call("GET", "/v1/admin/providers/").json["items"]
        assert (row["id"], row["email"], row["tier"]) == (town.ada.user_id, "ada@example.com", "community")
        assert (row["hosts"], row["hosts_ready"], row["vcpus_used"], row["vcpus_total"]) == (2, 2, 1, 8)
        town.ada.call("POST", f"/v1/provider/hosts/{town.idle.id}/retire")
        (row,) = town.ops.call("GET", "/v1/admin/providers/").json["items"]
        assert (row["hosts"], row["hosts_ready"], row["vcpus_used"], row["vcpus_total"]) == (1, 1, 1, 4)
        assert town.ada.call("GET", "/v1/provider/overview").json["hosts"] == {
            "total": 1,
            "available": 1,
            "by_state": {"ready": 1},
        }
        assert town.ops.call("GET", "/v1/admin/stats").json["hosts"] == {
            "total": 1,
            "available": 1,
            "by_state": {"ready": 1},
        }

    def test_path_works_without_its_slash_too(self, town: Town) -> None:
        with_slash, without = (town.ops.call("GET", f"/v1/admin/providers{end}") for end in ("/", ""))
        assert (with_slash.status, with_slash.text) == (200, without.text)

    def test_detail_has_hosts_and_sums(self, town: Town) -> None:
        town.time.advance(timedelta(hours=1))
        town.busy.heartbeat()
        town.world.accrue()
        told = town.ops.call("GET", f"/v1/admin/providers/{town.ada.user_id}").json
        assert sorted(host["name"] for host in told["hosts"]) == ["busy", "idle"]
        assert told["counts"] == {"total": 2, "available": 1, "by_state": {"ready": 1, "offline": 1}}
        assert told["live_allocations"] == 1
        earned = town.ada.call("GET", "/v1/provider/earnings").json
        assert told["thirty_days_micros"] == earned["thirty_days_micros"] > 0

    def test_made_of_a_user_once(self, town: Town) -> None:
        body = {"email": "eve@example.com", "display_name": "Eve's barn", "tier": "verified"}
        made = town.admin.call("POST", "/v1/admin/providers/", body, headers={"Idempotency-Key": "k1"})
        assert (made.status, made.json["id"], made.json["tier"]) == (201, town.eve.user_id, "verified")
        again = town.admin.call("POST", "/v1/admin/providers/", body, headers={"Idempotency-Key": "k1"})
        assert (again.status, again.text) == (201, made.text)
        assert town.admin.call("POST", "/v1/admin/providers", body).code == "provider_known"
        assert [act["event"] for act in town.acts()] == ["provider.created"]

    def test_nobody_with_that_address_is_named(self, town: Town) -> None:
        body = {"email": "nobody@example.com", "tier": "community"}
        answer = town.admin.call("POST", "/v1/admin/providers/", body)
        assert (answer.status, answer.pointers) == (422, ["/email"])

    def test_pages_newest_first_and_filters(self, town: Town) -> None:
        for n in range(4):
            town.time.advance(timedelta(seconds=1))
            person = town.world.join(f"p{n}@example.com")
            body = {"email": f"p{n}@example.com", "display_name": f"Barn {n}", "tier": "verified"}
            assert town.admin.call("POST", "/v1/admin/providers/", body).json["id"] == person.user_id
        names, cursor = [], ""
        for _ in range(3):
            page = town.ops.call("GET", f"/v1/admin/providers/?limit=2{cursor}").json
            names += [row["display_name"] for row in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
        assert names == ["Barn 3", "Barn 2", "Barn 1", "Barn 0", "Someone"]
        assert page["next_cursor"] is None
        for query, wanted in (
            ("search=barn%202", ["Barn 2"]),
            ("search=p1@example.com", ["Barn 1"]),
            ("search=nobody@example.com", []),
            (f"search={town.ada.user_id}", ["Someone"]),
            ("tier=community", ["Someone"]),
            ("state=banned", []),
        ):
            rows = town.ops.call("GET", f"/v1/admin/providers/?{query}").json["items"]
            assert [row["display_name"] for row in rows] == wanted, query

    @pytest.mark.parametrize("query", ["state=gone", "tier=gold", "name=x", "search="])
    def test_unknown_filter_is_refused_by_name(self, town: Town, query: str) -> None:
        answer = town.ops.call("GET", f"/v1/admin/providers/?{query}")
        assert (answer.status, answer.pointers) == (422, [f"/{query.partition('=')[0]}"])

    def test_deleted_account_has_no_address(self, town: Town) -> None:
        body = {"email": "bob@example.com", "tier": "community"}
        bob = town.world.join("bob@example.com")
        town.admin.call("POST", "/v1/admin/providers/", body)
        town.world.leave(bob)
        assert town.ops.call("GET", f"/v1/admin/providers/{bob.user_id}").json["email"] is None


class TestEnrollmentCode:
    def test_makes_a_machine_join_that_provider_once(self, town: Town) -> None:
        told = town.ops.call("POST", CODES, {"provider_id": town.ada.user_id}).json
        assert told["provider_id"] == town.ada.user_id
        assert town.acts()[0]["event"] == "enrollment_code.issued"
        assert told["install_command"] not in town.admin.call("GET", "/v1/admin/audit").text
        state = town.ada.call("GET", f"/v1/provider/enrollment-codes/{told['code_id']}").json
        assert (state["state"], state["host_id"]) == ("waiting", None)

    def test_is_for_the_operators_own_unless_named(self, town: Town) -> None:
        assert town.ops.call("POST", CODES, {}).json["provider_id"] == town.ops.user_id

    def test_one_idempotency_key_makes_one_code_and_one_record(self, town: Town) -> None:
        headers, body = {"Idempotency-Key": "one"}, {"provider_id": town.ada.user_id}
        first, again = (town.ops.call("POST", CODES, body, headers=headers) for _ in range(2))
        assert (first.status, first.text) == (201, again.text)
        assert [act["event"] for act in town.acts()].count("enrollment_code.issued") == 1

    def test_cannot_be_made_by_a_key_that_only_reads(self, town: Town) -> None:
        key = town.ops.call("POST", "/v1/auth/api-keys", {"name": "watch", "scopes": ["admin:read"]}).json["key"]
        path, app = "/v1/admin/agent/install-command", function("admin").app
        assert call(app, "GET", path, token=key).status == 200
        assert call(app, "POST", CODES, body={}, token=key).code == "scope_missing"

    def test_for_someone_who_is_no_provider_is_not_found(self, town: Town) -> None:
        assert town.ops.call("POST", CODES, {"provider_id": town.eve.user_id}).status == 404
