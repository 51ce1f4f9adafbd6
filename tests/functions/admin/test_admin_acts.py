"""What operators decide: tiers, drains, bans, windows; hosts follow, owners and renters are told, evidence stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.town import Town

from sharemtc import clock
from sharemtc.audit import service as audit
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.state_changes import HostStateConflict
from sharemtc.storage.transactions import Transaction

CODES = "/v1/admin/agent/enrollment-codes"
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
        assert town.watch()["enforced"] == 1
        assert town.states()["busy"] == ("banned", "provider_banned")
        assert town.watch()["enforced"] == 0

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
        assert town.watch()["enforced"] == 2
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
        if isinstance(write.refused, HostStateConflict):
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
        assert town.watch()["enforced"] == 1
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
