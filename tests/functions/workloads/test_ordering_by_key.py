"""Renting with an API key: its scopes, its cap, and the SSH keys that are put to use."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.world import Person, World, function


@pytest.fixture
def renter(time: Time) -> Person:
    world = World.start(time)
    host = world.join("provider@example.com").add_host()
    assert host.heartbeat().status == 200
    return world.join("renter@example.com")


def make_key(renter: Person, **given: Any) -> dict[str, Any]:
    answer = renter.call("POST", "/v1/auth/api-keys", {"name": "ci", "scopes": ["resources:write"], **given})
    assert answer.status == 201, answer.text
    return dict(answer.json)


def rent(renter: Person, key: dict[str, Any]) -> Answer:
    app = function("resources").app
    return call(app, "POST", "/v1/resources/vms", body=renter.order(), token=key["key"])


def committed_micros(renter: Person) -> int:
    return int(renter.call("GET", "/v1/auth/api-keys").json["items"][0]["committed_micros"])


def test_key_rents_within_its_cap(renter: Person) -> None:
    key = make_key(renter, spend_cap_micros=1_000_000)
    assert rent(renter, key).status == 201
    assert committed_micros(renter) == renter.balance()["held_micros"] > 0


def test_cap_refuses_the_order_and_holds_nothing(renter: Person) -> None:
    key = make_key(renter, spend_cap_micros=1)
    given = rent(renter, key)
    assert (given.status, given.code) == (402, "api_key_cap_reached")
    assert (committed_micros(renter), renter.balance()["held_micros"]) == (0, 0)


def test_key_without_the_scope_rents_nothing(renter: Person) -> None:
    assert rent(renter, make_key(renter, scopes=["resources:read"])).code == "scope_missing"


def test_use_of_ssh_keys_is_noted(renter: Person, time: Time) -> None:
    assert renter.call("GET", "/v1/auth/ssh-keys").json["items"][0]["last_used_at"] is None
    assert renter.rent().status == 201
    assert renter.call("GET", "/v1/auth/ssh-keys").json["items"][0]["last_used_at"] is not None


def test_account_with_a_machine_is_not_deleted(renter: Person) -> None:
    renter.rent()
    given = renter.call("DELETE", "/v1/auth/me", {"password": "correct horse battery staple"})
    assert (given.status, given.code) == (409, "account_in_use")
    assert [reason["code"] for reason in given.json["reasons"]] == ["live_allocations", "money_held"]
    assert renter.call("GET", "/v1/auth/me").status == 200


def test_account_that_provides_hosts_is_not_deleted(time: Time) -> None:
    provider = World.start(time).join("provider@example.com")
    provider.add_host()
    given = provider.call("DELETE", "/v1/auth/me", {"password": "correct horse battery staple"})
    assert [reason["code"] for reason in given.json["reasons"]] == ["hosts"]
