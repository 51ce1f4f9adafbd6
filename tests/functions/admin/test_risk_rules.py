"""The rules that look over the whole fleet: what they note, and that it ends when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.world import Host, Person, World, function

from sharemtc import clock
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState, Severity
from sharemtc.risks.schemas import RiskQuery
from sharemtc.risks.table import Risk


def watch() -> dict[str, int]:
    return dict(function("risk_rules").handler({"source": "aws.events"}, None))


def listed(kind: RiskKind, state: RiskState | None = None) -> list[Risk]:
    return list(risks.list_risks(RiskQuery(kind=kind, state=state)).items)


def ask(ada: Person, host: Host, **prices: Any) -> None:
    body = {
        "vcpu_nanos_per_hour": 12_000_000,
        "memory_gib_nanos_per_hour": 4_000_000,
        "disk_gib_nanos_per_hour": 150_000,
        "network_100mbps_nanos_per_hour": 20_000_000,
        **prices,
    }
    assert ada.call("POST", f"/v1/provider/hosts/{host.id}/prices", body).status == 201


class TestSilence:
    def test_critical_while_something_is_leased_there(self, world: World, time: Time) -> None:
        ada, eve = world.join("ada@example.com"), world.join("eve@example.com")
        busy, idle = ada.add_host(), ada.add_host()
        busy.heartbeat()
        idle.heartbeat()
        vm_id = str(eve.rent(host_id=busy.id).json["id"])
        world.carry_out(eve, busy, vm_id, "running")
        time.advance(timedelta(minutes=4))
        assert watch()["silent"] == 0
        time.advance(timedelta(minutes=2))
        assert watch()["silent"] == 1
        (risk,) = listed(RiskKind.HOST_SILENT)
        assert (risk.resource_id, risk.severity, risk.owner_id) == (busy.id, Severity.CRITICAL, ada.user_id)
        watch()
        assert listed(RiskKind.HOST_SILENT)[0].sightings == 2
        busy.heartbeat()
        assert watch()["silent"] == 0
        assert listed(RiskKind.HOST_SILENT) == []
        assert [risk.resource_id for risk in listed(RiskKind.HOST_SILENT, RiskState.RESOLVED)] == [busy.id]

    def test_draining_host_is_no_less_silent(self, world: World, time: Time) -> None:
        ada = world.join("ada@example.com")
        host = ada.add_host()
        host.heartbeat()
        ada.rent(host_id=host.id)
        ada.call("PATCH", f"/v1/provider/hosts/{host.id}", {"draining": True})
        time.advance(timedelta(minutes=6))
        assert watch()["silent"] == 1


class TestPrices:
    def test_far_from_the_median_until_changed(self, world: World, time: Time) -> None:
        ada = world.join("ada@example.com")
        hosts = [ada.add_host() for _ in range(4)]
        for host in hosts:
            host.heartbeat()
        assert watch()["price_outliers"] == 0
        ask(ada, hosts[2], vcpu_nanos_per_hour=61_000_000)
        assert watch()["price_outliers"] == 1
        (risk,) = listed(RiskKind.PRICE_OUTLIER)
        assert risk.resource_id == hosts[2].id
        assert risk.detail == "vcpu: 61000000 nanos per hour, the market's median is 12000000"
        time.advance(timedelta(seconds=1))
        ask(ada, hosts[2])
        assert watch()["price_outliers"] == 0
        assert listed(RiskKind.PRICE_OUTLIER) == []


class TestClocks:
    @pytest.mark.parametrize(("offset_s", "told"), [(8, "Its clock is 8 s ahead."), (-9, "Its clock is 9 s behind.")])
    def test_far_from_ours_until_set(self, world: World, time: Time, offset_s: int, told: str) -> None:
        host = world.join("ada@example.com").add_host()
        now_s = clock.to_ms(clock.now()) // 1000
        assert host.heartbeat(iat=now_s + offset_s, exp=now_s + offset_s + 60).status == 200
        assert watch()["clocks_skewed"] == 1
        assert [risk.detail for risk in listed(RiskKind.CLOCK_SKEW)] == [told]
        time.advance(timedelta(seconds=20))
        host.heartbeat()
        assert watch()["clocks_skewed"] == 0
        assert listed(RiskKind.CLOCK_SKEW) == []


def test_notes_of_other_rules_are_left_alone(world: World) -> None:
    risks.report(RiskKind.KEY_COPIED, "hst_1", severity=Severity.CRITICAL, owner_id="usr_1", detail="Two machines.")
    watch()
    assert [risk.resource_id for risk in listed(RiskKind.KEY_COPIED)] == ["hst_1"]
