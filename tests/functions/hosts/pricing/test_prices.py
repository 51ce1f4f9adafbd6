"""Price books over HTTP: what is asked now holds for what is rented now, and for nothing that was rented before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import Answer, call
from tests.support.world import TEMPLATE_ID, Host, Person, World, function

from sharemtc import clock
from sharemtc.hosts import service as hosts
from sharemtc.hosts.pricing import price_books
from sharemtc.hosts.pricing.table import PriceBook
from sharemtc.hosts.table import Host as HostRecord
from sharemtc.money import Prices
from sharemtc.schemas import rfc3339
from sharemtc.storage.transactions import Transaction, WriteConflict

TERMS = {
    "vcpu_nanos_per_hour": 20_000_000,
    "memory_gib_nanos_per_hour": 1024,
    "disk_gib_nanos_per_hour": 7,
    "network_100mbps_nanos_per_hour": 5,
    "gpus": [{"model": "A100", "nanos_per_hour": 900}],
}
RATE = 20_000_000 + 256 + 7


@pytest.fixture
def host(provider: Person) -> Host:
    host = provider.add_host(gpus=[{"uuid": "GPU-1", "model": "A100", "vram_mib": 40_960}])
    assert host.heartbeat().status == 200
    return host


def publish(provider: Person, host: Host, **changes: Any) -> Answer:
    return provider.call("POST", f"/v1/provider/hosts/{host.id}/prices", {**TERMS, **changes})


def listed(provider: Person, host: Host) -> list[dict[str, Any]]:
    return list(provider.call("GET", f"/v1/provider/hosts/{host.id}/prices").json["items"])


def asked() -> dict[str, Any]:
    (offer,) = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"]
    return dict(offer["prices"])


def quote(person: Person) -> dict[str, Any]:
    size = {"template_id": TEMPLATE_ID, "vcpus": 1, "memory_mib": 256, "disk_gib": 1}
    answer = person.call("POST", "/v1/billing/quotes", size)
    assert answer.status == 201, answer.text
    return dict(answer.json)


class TestPublish:
    def test_a_host_begins_with_the_platforms_prices(self, provider: Person, host: Host) -> None:
        (first,) = listed(provider, host)
        assert (first["version"], first["state"], first["vcpu_nanos_per_hour"]) == (1, "current", 12_000_000)
        assert first["gpus"] == [{"model": "A100", "nanos_per_hour": 400_000_000}]
        assert first["network_bonus"] == [
            {"from_mbps": 500, "bonus_bps": 1000},
            {"from_mbps": 1000, "bonus_bps": 2000},
        ]

    def test_a_version_holds_at_once_for_offers_quotes_and_orders(self, provider: Person, host: Host) -> None:
        before = provider.rent().json
        made = publish(provider, host)
        assert (made.status, made.json["version"], made.json["state"]) == (201, 2, "current")
        assert len(made.json["network_bonus"]) == 2, "the rows of the version before"
        assert asked() == TERMS
        assert quote(provider)["rate_nanos_per_hour"] == RATE
        rented = provider.rent(name="web-2").json
        assert rented["running_rate_nanos_per_hour"] == RATE
        assert provider.vm(before["id"])["running_rate_nanos_per_hour"] == before["running_rate_nanos_per_hour"]
        assert [one["state"] for one in listed(provider, host)] == ["current", "past"]

    def test_a_future_version_takes_effect_by_itself(self, world: World, provider: Person, host: Host) -> None:
        now = asked()
        due_at = clock.now() + timedelta(hours=1)
        made = publish(provider, host, effective_at=rfc3339(due_at)).json
        assert (made["state"], asked()) == ("future", now)
        world.time.advance(timedelta(minutes=59, seconds=59, milliseconds=999))
        host.heartbeat()
        assert asked() == now
        assert quote(provider)["rate_nanos_per_hour"] != RATE
        world.time.advance(timedelta(milliseconds=1))
        assert asked() == TERMS
        assert quote(provider)["rate_nanos_per_hour"] == RATE
        assert provider.call("GET", f"/v1/provider/hosts/{host.id}").json["prices"] == TERMS

    def test_a_quote_is_honoured_after_a_new_version(self, provider: Person, host: Host) -> None:
        quoted = quote(provider)
        publish(provider, host)
        rented = provider.rent(quote_id=quoted["id"]).json
        assert rented["running_rate_nanos_per_hour"] == quoted["rate_nanos_per_hour"] != RATE

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"vcpu_nanos_per_hour": -1}, "/vcpu_nanos_per_hour"),
            ({"vcpu_nanos_per_hour": 1.5}, "/vcpu_nanos_per_hour"),
            ({"vcpu_nanos_per_hour": 2**64}, "/vcpu_nanos_per_hour"),
            ({"effective_at": "2030-01-31T11:58:00Z"}, "/effective_at"),
            ({"effective_at": "2040-01-31T12:00:00Z"}, "/effective_at"),
            ({"effective_at": "2030-01-31T12:00:00"}, "/effective_at"),
            ({"effective_at": "9999-12-31T23:59:59-23:59"}, "/effective_at"),
            ({"gpus": [{"model": "A", "nanos_per_hour": 1}] * 2}, "/gpus/1/model"),
            ({"network_bonus": [{"from_mbps": 5, "bonus_bps": 1}] * 2}, "/network_bonus/1/from_mbps"),
            ({"network_bonus": [{"from_mbps": 5, "bonus_bps": 10_001}]}, "/network_bonus/0/bonus_bps"),
            ({"version": 7}, "/version"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, provider: Person, host: Host, change: dict[str, Any], pointer: str
    ) -> None:
        answer = publish(provider, host, **change)
        assert (answer.status, answer.pointers) == (422, [pointer]), answer.text
        assert len(listed(provider, host)) == 1

    def test_a_minute_late_counts_as_now_and_rewrites_no_past(self, provider: Person, host: Host) -> None:
        made = publish(provider, host, effective_at="2030-01-31T11:59:00Z").json
        assert (made["effective_at"], made["state"]) == ("2030-01-31T12:00:00.000Z", "current")

    def test_of_two_at_once_one_decides_again(self, provider: Person, host: Host) -> None:
        first, second = hosts.find(host.id), hosts.find(host.id)
        for record in (first, second):
            transaction = Transaction()
            price_books.publish(record, Prices(1, 1, 1), None, None, transaction, by="usr_x")
            if record is first:
                transaction.commit()
            else:
                with pytest.raises(WriteConflict):
                    transaction.commit()
        assert [one["version"] for one in listed(provider, host)] == [2, 1]
        assert publish(provider, host).json["version"] == 3

    def test_only_so_many_wait_for_their_time(self, provider: Person, host: Host) -> None:
        for hour in range(price_books.MAX_FUTURE_VERSIONS):
            due_at = clock.now() + timedelta(hours=hour + 1)
            assert publish(provider, host, effective_at=rfc3339(due_at)).status == 201
        full = publish(provider, host, effective_at=rfc3339(clock.now() + timedelta(days=9)))
        assert (full.status, full.code) == (409, "price_book_full")
        assert publish(provider, host).status == 201

    def test_a_key_makes_one_version(self, provider: Person, host: Host) -> None:
        path, key = f"/v1/provider/hosts/{host.id}/prices", {"Idempotency-Key": "k1"}
        answers = [provider.call("POST", path, TERMS, headers=key) for _ in range(2)]
        assert answers[0].text == answers[1].text
        assert len(listed(provider, host)) == 2


class TestBeforeBooks:
    def test_a_host_of_before_keeps_its_prices_and_gets_a_book(self, provider: Person, host: Host) -> None:
        stored = hosts.find(host.id)
        PriceBook.get(f"PRICES#{host.id}", "000001").delete()
        stored.update(
            [
                HostRecord.prices.set(Prices(3, 2, 1)),
                HostRecord.price_versions.remove(),
                HostRecord.prices_version.remove(),
                HostRecord.version.remove(),
            ]
        )
        (only,) = listed(provider, host)
        assert (only["version"], only["vcpu_nanos_per_hour"], only["state"]) == (1, 3, "current")
        assert asked()["vcpu_nanos_per_hour"] == 3
        assert publish(provider, host).json["version"] == 2
        assert [one["vcpu_nanos_per_hour"] for one in listed(provider, host)] == [20_000_000, 3]


class TestMarket:
    def test_medians_are_over_hosts_that_are_heard(self, world: World, provider: Person, host: Host) -> None:
        publish(provider, host)
        second = provider.add_host(name="second")
        second.heartbeat()
        provider.add_host(name="never-heard")
        market = provider.call("GET", "/v1/provider/market").json
        rows = {(row["item"], row["model"]): row for row in market["items"]}
        vcpu = rows["vcpu", None]
        assert (vcpu["hosts"], vcpu["low_nanos_per_hour"], vcpu["high_nanos_per_hour"]) == (2, 12_000_000, 20_000_000)
        assert vcpu["median_nanos_per_hour"] == 16_000_000
        assert rows["gpu", "A100"]["hosts"] == 1
        world.time.advance(timedelta(seconds=60))
        assert provider.call("GET", "/v1/provider/market").json["items"] == []
