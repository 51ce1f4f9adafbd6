"""GET /v1/admin/stats: every figure against a sum made in another way; and the log of what operators did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.clock import Time
from tests.support.world import Person, World, stay_signed_in

from sharemtc.audit.table import AuditRecord, record_key, subject_key
from sharemtc.principals import Role
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.risks.table import risk_id


@pytest.fixture
def operator(world: World) -> Person:
    return world.operator(Role.OPS_ADMIN)


def note(resource_id: str = "hst_1", severity: Severity = Severity.WARNING) -> str:
    risks.report(RiskKind.HOST_SILENT, resource_id, severity=severity, owner_id="usr_1", detail="Silent.")
    return risk_id(RiskKind.HOST_SILENT, resource_id)


class TestStats:
    def test_empty_platform(self, operator: Person) -> None:
        told = operator.call("GET", "/v1/admin/stats").json
        # the operator of the first start and this one
        assert (told["users"], told["providers"], told["hosts"]) == (2, 0, {"total": 0, "available": 0, "by_state": {}})
        assert (told["allocations"], told["workloads"], told["burn_nanos_per_hour"]) == ({"live": 0}, {}, 0)
        assert set(told["capacity"].values()) == {0}

    def test_figures_equal_what_owners_and_renters_see(self, world: World, time: Time, operator: Person) -> None:
        ada, bob, eve = (world.join(f"{name}@example.com") for name in ("ada", "bob", "eve"))
        first, second, silent = ada.add_host(), ada.add_host(), bob.add_host()
        silent.heartbeat()
        time.advance(timedelta(minutes=1))
        first.heartbeat()
        second.heartbeat()
        running = eve.rent(host_id=first.id, vcpus=2).json["id"]
        world.carry_out(eve, first, running, "running")
        eve.rent(host_id=second.id)
        note("hst_a", Severity.CRITICAL)
        note("hst_b", Severity.INFO)

        told = operator.call("GET", "/v1/admin/stats").json
        own = [host for person in (ada, bob) for host in person.call("GET", "/v1/provider/hosts").json["items"]]
        assert told["hosts"] == {"total": len(own), "available": 2, "by_state": {"ready": 2, "offline": 1}}
        for name in ("vcpus", "memory_mib", "disk_gib"):
            assert told["capacity"][f"{name}_total"] == sum(host["sellable"][name] for host in own), name
            ready = [host["free"][name] for host in own if host["state"] == "ready"]
            assert told["capacity"][f"{name}_free"] == sum(ready), name
        assert (told["users"], told["providers"]) == (5, 2)
        assert told["allocations"] == {"live": 2}
        assert told["workloads"] == {"running": 1, "pending": 1}
        assert told["burn_nanos_per_hour"] == eve.balance()["burn_nanos_per_hour"] > 0
        assert told["risks"] == {"open": 2, "critical": 1}

    def test_users_are_counted_down_when_an_account_is_deleted(self, world: World, operator: Person) -> None:
        eve = world.join("eve@example.com")
        before = operator.call("GET", "/v1/admin/stats").json["users"]
        world.leave(eve)
        assert operator.call("GET", "/v1/admin/stats").json["users"] == before - 1


class TestRisks:
    def test_list_is_filtered_and_paged(self, time: Time, operator: Person) -> None:
        for n in range(5):
            note(f"hst_{n}", Severity.CRITICAL if n % 2 else Severity.INFO)
            time.advance(timedelta(seconds=1))
        first = operator.call("GET", "/v1/admin/risks?limit=3").json
        rest = operator.call("GET", f"/v1/admin/risks?limit=3&cursor={first['next_cursor']}").json
        assert [risk["resource_id"] for risk in first["items"] + rest["items"]] == [f"hst_{n}" for n in (4, 3, 2, 1, 0)]
        critical = operator.call("GET", "/v1/admin/risks?severity=critical").json["items"]
        assert [risk["resource_id"] for risk in critical] == ["hst_3", "hst_1"]

    def test_cursor_is_good_for_one_operator(self, world: World, operator: Person) -> None:
        note("hst_1")
        note("hst_2")
        cursor = operator.call("GET", "/v1/admin/risks?limit=1").json["next_cursor"]
        answer = world.operator().call("GET", f"/v1/admin/risks?cursor={cursor}")
        assert (answer.status, answer.pointers) == (422, ["/cursor"])

    @pytest.mark.parametrize("query", ["severity=bad", "state=gone", "kind=x", "owner=usr_1", "limit=0"])
    def test_unknown_filter_is_refused_by_name(self, operator: Person, query: str) -> None:
        answer = operator.call("GET", f"/v1/admin/risks?{query}")
        assert (answer.status, answer.pointers) == (422, [f"/{query.partition('=')[0]}"])

    def test_acknowledged_with_version_and_evidence(self, operator: Person) -> None:
        risk = note()
        path = f"/v1/admin/risks/{risk}/acknowledge"
        stale = operator.call("POST", path, {"note": "On it"}, headers={"If-Match": '"9"'})
        assert (stale.status, stale.code) == (412, "precondition_failed")
        done = operator.call("POST", path, {"note": "On it"}, headers={"If-Match": '"1"'})
        assert (done.status, done.json["state"], done.headers["ETag"]) == (200, "acknowledged", '"2"')
        assert done.json["acknowledged_by"] == operator.user_id
        (act,) = operator.call("GET", "/v1/admin/audit").json["items"]
        assert (act["event"], act["operator_id"], act["reason"]) == ("risk.acknowledged", operator.user_id, "On it")
        assert act["detail"]["about"] == "hst_1"

    def test_resolved_one_cannot_be_taken_on(self, operator: Person) -> None:
        risk = note()
        risks.resolve(RiskKind.HOST_SILENT, "hst_1")
        answer = operator.call("POST", f"/v1/admin/risks/{risk}/acknowledge", {})
        assert (answer.status, answer.code) == (409, "risk_resolved")


class TestAudit:
    def test_acts_of_months_are_one_list_and_each_month_verifies(self, time: Time, operator: Person) -> None:
        for n in range(3):
            operator.call("POST", f"/v1/admin/risks/{note(f'hst_{n}')}/acknowledge", {"note": str(n)})
            time.advance(timedelta(days=31))
            stay_signed_in(operator)
        first = operator.call("GET", "/v1/admin/audit?limit=2").json
        rest = operator.call("GET", f"/v1/admin/audit?limit=2&cursor={first['next_cursor']}").json
        assert [act["reason"] for act in first["items"] + rest["items"]] == ["2", "1", "0"]
        for month, records in (("2030-01", 1), ("2030-02", 0), ("2030-03", 1)):
            verdict = operator.call("GET", f"/v1/admin/audit/verify?month={month}").json
            assert (verdict["intact"], verdict["records"]) == (True, records), month

    def test_changed_record_is_found(self, time: Time, operator: Person) -> None:
        operator.call("POST", f"/v1/admin/risks/{note()}/acknowledge", {"note": "mine"})
        stored = AuditRecord.get(subject_key("operators:203001"), record_key(1))
        stored.update([AuditRecord.detail.set({**stored.detail, "operator_id": "usr_other"})])
        verdict = operator.call("GET", "/v1/admin/audit/verify").json
        assert (verdict["intact"], verdict["first_broken_seq"]) == (False, 1)

    def test_filters(self, world: World, operator: Person) -> None:
        other = world.operator(Role.ADMIN)
        operator.call("POST", f"/v1/admin/risks/{note('hst_1')}/acknowledge", {})
        other.call("POST", f"/v1/admin/risks/{note('hst_2')}/acknowledge", {})
        (act,) = operator.call("GET", f"/v1/admin/audit?operator_id={other.user_id}").json["items"]
        assert act["operator_id"] == other.user_id
        assert operator.call("GET", "/v1/admin/audit?resource_id=hst_9").json["items"] == []
