"""Whether something can be rented on a host, and since when not: one answer for renters, owners and operators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import call
from tests.support.machines import wait
from tests.support.world import Host, Person, World, function

from sharemtc import clock
from sharemtc.schemas import rfc3339


@pytest.fixture
def host(world: World, provider: Person) -> Host:
    host = provider.add_host()
    host.heartbeat()
    wait(world, host, 600)
    return host


@pytest.fixture
def operator(world: World) -> Person:
    return world.operator()


def sale(operator: Person, provider: Person) -> dict[str, Any]:
    """The state as everybody sees it."""
    (offer,) = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"]
    (own,) = provider.call("GET", "/v1/provider/hosts").json["items"]
    told = operator.call("GET", f"/v1/admin/providers/{provider.user_id}").json
    assert offer["sale"] == own["sale"] == told["hosts"][0]["sale"]
    available = int(offer["sale"]["state"] == "available")
    assert told["counts"]["available"] == available
    assert operator.call("GET", "/v1/admin/stats").json["hosts"]["available"] == available
    assert provider.call("GET", "/v1/provider/overview").json["hosts"]["available"] == available
    return dict(offer["sale"])


def test_full_since_the_last_of_something_was_rented(
    world: World, provider: Person, operator: Person, renter: Person, host: Host
) -> None:
    assert sale(operator, provider) == {"state": "available", "reason": None, "since": None}
    small = renter.rent(vcpus=1).json["id"]
    world.time.advance(timedelta(seconds=5))
    assert sale(operator, provider)["state"] == "available"
    renter.rent(name="web-2", vcpus=3)
    full_at = rfc3339(clock.now())
    wait(world, host, 60)
    assert sale(operator, provider) == {"state": "full", "reason": "sold_out", "since": full_at}
    renter.act(small, "terminate")
    world.carry_out(renter, host, small, "gone")
    assert sale(operator, provider)["state"] == "available"


def test_disk_that_is_given_back_does_not_make_a_full_host_full_anew(
    world: World, provider: Person, operator: Person, renter: Person, host: Host
) -> None:
    stopped = renter.rent(vcpus=1).json["id"]
    world.carry_out(renter, host, stopped, "running")
    renter.act(stopped, "stop")
    world.carry_out(renter, host, stopped, "stopped")
    renter.rent(name="web-2", vcpus=4)
    full_at = rfc3339(clock.now())
    wait(world, host, 60)
    renter.act(stopped, "terminate")
    world.task("dispatch", renter.vm(stopped), token="t" * 20)
    (command,) = [one for one in host.commands() if one["verb"] == "terminate"]
    host.prove(command, "gone")
    world.task("confirm", renter.vm(stopped))
    assert sale(operator, provider) == {"state": "full", "reason": "sold_out", "since": full_at}


def test_unavailable_since_its_state_changed(world: World, provider: Person, operator: Person, host: Host) -> None:
    assert provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"draining": True}).status == 200
    drained_at = rfc3339(clock.now())
    world.time.advance(timedelta(seconds=7))
    assert sale(operator, provider) == {"state": "unavailable", "reason": "host_draining", "since": drained_at}
