"""/v1/provider/overview, allocations and earnings: exact, the caller's own, and silent about who rents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.world import Host, Person, World

from sharemtc.billing import ledger
from sharemtc.settings import settings


class Market:
    """A provider with two machines, and a renter with a machine on each."""

    def __init__(self, time: Time) -> None:
        self.time, self.world = time, World.start(time)
        self.ada, self.eve = self.world.join("ada@example.com"), self.world.join("eve@example.com")
        self.hosts = [self.ada.add_host(), self.ada.add_host()]
        self.vms = [self.run(host) for host in self.hosts]

    def run(self, host: Host) -> str:
        self.time.advance(timedelta(seconds=1))  # ids of different instants sort by them
        host.heartbeat()
        vm_id = str(self.eve.rent(host_id=host.id).json["id"])
        self.world.carry_out(self.eve, host, vm_id, "running")
        return vm_id

    def pass_time(self, by: timedelta) -> None:
        """Let it pass while both machines are heard, and post what has run."""
        self.time.advance(by)
        for host in self.hosts:
            host.heartbeat()
        self.world.accrue()

    def posted(self) -> int:
        """Both allocations' posted windows less the fee, from the renter's own accruals."""
        found = self.eve.call("GET", "/v1/provider/allocations").json["items"]
        assert found == []
        posted = 0
        for vm_id in self.vms:
            allocation = self.eve.vm(vm_id)["allocation_id"]
            accruals = self.eve.call("GET", f"/v1/billing/accruals?allocation_id={allocation}&limit=200").json
            total = sum(accrual["amount_micros"] for accrual in accruals["items"])
            posted += total - total * settings().platform_fee_bps // 10_000
        return posted


@pytest.fixture
def market(time: Time) -> Market:
    return Market(time)


def read(person: Person, what: str) -> dict[str, Any]:
    answer = person.call("GET", f"/v1/provider/{what}")
    assert answer.status == 200, answer.text
    return dict(answer.json)


class TestOverview:
    def test_hosts_and_what_is_rented(self, market: Market) -> None:
        told = read(market.ada, "overview")
        assert told["hosts"] == {"total": 2, "available": 2, "by_state": {"ready": 2}}
        assert told["live_allocations"] == 2
        occupancy = told["occupancy"]
        assert (occupancy["vcpus_used"], occupancy["vcpus_total"]) == (2, 8)
        assert (occupancy["memory_mib_used"], occupancy["memory_mib_total"]) == (512, 16384)

    def test_someone_without_hosts_has_nothing(self, market: Market) -> None:
        assert read(market.eve, "overview")["hosts"] == {"total": 0, "available": 0, "by_state": {}}


class TestEarnings:
    def test_equal_what_renters_were_charged_less_the_fee(self, market: Market) -> None:
        for _ in range(4):
            market.pass_time(timedelta(hours=5, minutes=7))
        earned = read(market.ada, "earnings")
        assert earned["thirty_days_micros"] == earned["pending_payout_micros"] == market.posted() > 0
        account = ledger.provider_account(market.ada.user_id)
        assert earned["pending_payout_micros"] == ledger.balance_micros(account)
        per_host = earned["per_host"]
        assert sorted(row["host_id"] for row in per_host) == sorted(host.id for host in market.hosts)
        assert sum(row["thirty_days_micros"] for row in per_host) == earned["thirty_days_micros"]

    def test_days_are_utc_and_each_holds_what_was_posted_on_it(self, market: Market) -> None:
        market.pass_time(timedelta(hours=3))
        first = read(market.ada, "earnings")["today_micros"]
        market.pass_time(timedelta(hours=10))
        told = read(market.ada, "earnings")
        days = told["days"]
        assert len(days) == 30
        assert [day["day"] for day in days[-2:]] == ["2030-01-31", "2030-02-01"]
        assert days[-2]["amount_micros"] == first > 0
        assert days[-1]["amount_micros"] == told["today_micros"] == told["month_micros"] > 0
        assert sum(day["amount_micros"] for day in days) == told["thirty_days_micros"]

    def test_month_of_31_days_counts_its_first(self, time: Time) -> None:
        time.advance(timedelta(days=29))  # the first of March
        market = Market(time)
        market.pass_time(timedelta(hours=1))
        first = read(market.ada, "earnings")["today_micros"]
        for host in market.hosts:
            host.workloads = []
        time.advance(timedelta(days=30))  # the 31st
        told = read(market.ada, "earnings")
        assert (told["month_micros"], told["thirty_days_micros"]) == (first, 0)

    def test_another_earns_nothing_of_it(self, market: Market) -> None:
        market.pass_time(timedelta(hours=1))
        told = read(market.eve, "earnings")
        assert (told["thirty_days_micros"], told["per_host"], told["pending_payout_micros"]) == (0, [], 0)


class TestAllocations:
    def test_live_and_past_ones_without_who_rents(self, market: Market) -> None:
        market.pass_time(timedelta(hours=1))
        market.eve.act(market.vms[0], "terminate")
        market.world.carry_out(market.eve, market.hosts[0], market.vms[0], "gone")
        market.time.advance(timedelta(minutes=1))
        answer = market.ada.call("GET", "/v1/provider/allocations")
        assert market.eve.user_id not in answer.text
        assert "user" not in answer.text
        found = answer.json["items"]
        assert [(one["host_id"], one["state"]) for one in found] == [
            (market.hosts[1].id, "active"),
            (market.hosts[0].id, "terminated"),
        ]
        assert sum(one["earned_micros"] for one in found) == market.posted()

    def test_pages_and_filters(self, market: Market) -> None:
        market.run(market.hosts[0])
        pages, cursor = [], ""
        for _ in range(3):
            page = read(market.ada, f"allocations?limit=1{cursor}")
            pages += [one["id"] for one in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
        assert len(set(pages)) == 3
        assert pages == sorted(pages, reverse=True)
        on_first = read(market.ada, f"allocations?host_id={market.hosts[0].id}&state=active")["items"]
        assert len(on_first) == 2

    @pytest.mark.parametrize("query", ["state=bad", "host_id=x", "user_id=usr_1"])
    def test_unknown_filter_is_refused_by_name(self, market: Market, query: str) -> None:
        answer = market.ada.call("GET", f"/v1/provider/allocations?{query}")
        assert (answer.status, answer.pointers) == (422, [f"/{query.partition('=')[0]}"])
