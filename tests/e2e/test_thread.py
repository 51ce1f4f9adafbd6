"""The main job on the whole system: a stranger rents a real machine by the second, and everything is put back."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import psutil
import pytest
from tests.e2e.conftest import Platform, eventually

from sharemtc import money

pytestmark = pytest.mark.slow


def ms(instant: str) -> int:
    """An RFC 3339 instant as milliseconds."""
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


class TestOffer:
    def test_shows_this_machine_as_its_own_tools_do(self, platform: Platform) -> None:
        offer = platform.host()
        assert offer["state"] == "ready"
        assert offer["vcpus"] == os.cpu_count()
        assert abs(offer["memory_mib"] - psutil.virtual_memory().total // 2**20) <= 1
        assert offer["accelerator"] in ("kvm", "tcg")
        assert offer["images"] == ["tiny"]
        assert 0 <= offer["figures"]["cpu_used_percent"] <= 100
        assert 0 < offer["figures"]["memory_used_mib"] < offer["memory_mib"]
        assert "connect_address" not in offer


class TestThread:
    def test_rents_reaches_stops_starts_and_ends(self, platform: Platform) -> None:
        person = platform.join("thread@example.com")
        before = platform.host()["free"]
        vm_id = person.rent()
        vm = person.wait(vm_id, "running")
        assert [phase["state"] for phase in vm["phases"]] == ["done"] * 5
        command = vm["connect"]["command"]
        assert platform.key.run(command, "hostname") == "web-1\n"
        platform.key.run(command, "echo kept > /root/kept && sync")
        platform.accrue()
        posted = eventually(lambda: self.accruals(platform, person, vm), "an accrual is posted")
        assert all(accrual["rate_nanos_per_hour"] == vm["running_rate_nanos_per_hour"] for accrual in posted)

        person.act(vm_id, "reboot")
        assert platform.key.run(person.wait(vm_id, "running")["connect"]["command"], "cat /root/kept") == "kept\n"
        person.act(vm_id, "stop")
        person.wait(vm_id, "stopped")
        assert platform.guests() == []
        assert platform.host()["free"] == {**before, "disk_gib": before["disk_gib"] - 1}
        person.act(vm_id, "start")
        assert platform.key.run(person.wait(vm_id, "running")["connect"]["command"], "cat /root/kept") == "kept\n"
        person.act(vm_id, "terminate")
        ended = person.wait(vm_id, "terminated")
        self.check_put_back(platform, before, vm_id)
        self.check_money(person, ended)

    @staticmethod
    def accruals(platform: Platform, person: Any, vm: dict[str, Any]) -> list[dict[str, Any]]:
        found = person.call("GET", f"/v1/billing/accruals?allocation_id={vm['allocation_id']}&limit=200")["items"]
        return list(found)

    @staticmethod
    def check_put_back(platform: Platform, before: dict[str, int], vm_id: str) -> None:
        assert platform.guests() == []
        assert list((platform.cloud.state.agent / "vms").glob(f"*{vm_id}*")) == []
        assert platform.host()["free"] == before

    def check_money(self, person: Any, ended: dict[str, Any]) -> None:
        """The wallet fell by rate × proven time, window by window, and the ledger says the same."""
        accruals = person.call("GET", f"/v1/billing/accruals?allocation_id={ended['allocation_id']}&limit=200")["items"]
        by_segment: dict[int, list[dict[str, Any]]] = {}
        for accrual in accruals:
            by_segment.setdefault(accrual["segment"], []).append(accrual)
        for windows in by_segment.values():
            start = min(ms(window["started_at"]) for window in windows)
            end = max(ms(window["ended_at"]) for window in windows)
            due = money.cumulative_micros(windows[0]["rate_nanos_per_hour"], end - start)
            assert sum(window["amount_micros"] for window in windows) == due
        spent = sum(accrual["amount_micros"] for accrual in accruals)
        assert ended["spent_micros"] == spent
        balance = person.call("GET", "/v1/billing/balance")
        assert (balance["settled_micros"], balance["held_micros"]) == (10_000_000 - spent, 0)
        ledger = person.call("GET", "/v1/billing/ledger?limit=200")["items"]
        assert sum(item["amount_micros"] for item in ledger) == 10_000_000 - spent
        assert all(sum(entry["amount_micros"] for entry in item["entries"]) == 0 for item in ledger)

    def test_another_user_gets_the_same_404_as_for_none(self, platform: Platform) -> None:
        owner, stranger = platform.join("owner@example.com"), platform.join("stranger@example.com")
        vm_id = owner.rent(name="mine")
        answers = [
            stranger.http.request(method, f"/v1/resources/vms/{one}{suffix}")
            for method, suffix in (("GET", ""), ("POST", "/terminate"))
            for one in (vm_id, vm_id[:-3] + "000")
        ]
        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert all(body == bodies[0] for body in bodies)
        owner.act(vm_id, "terminate")
        owner.wait(vm_id, "terminated")
