"""Races through the real functions and tables: one key makes one machine, and no slice is sold twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, RemoteHost, eventually

pytestmark = pytest.mark.slow
T = TypeVar("T")

CALLS, BUYERS, ORDERS_EACH = 100, 6, 5
CAPACITY = {"vcpus": 8, "memory_mib": 64 * 1024, "disk_gib": 1000}


def at_once(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all tasks, started together."""
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def end_everything(people: Sequence[Person], host: RemoteHost) -> list[dict[str, Any]]:
    """Terminate every VM and let the host prove it; the VMs as they ended."""

    def ended() -> bool:
        host.heartbeat()
        left = False
        for person in people:
            for vm in person.vms():
                left = left or vm["status"] not in ("terminated", "failed")
                if "terminate" in vm["actions"]:
                    person.http.post(f"/v1/resources/vms/{vm['id']}/terminate")
        return not left

    eventually(ended, "every VM has ended")
    return [vm for person in people for vm in person.vms()]


def test_one_key_in_a_hundred_calls_makes_one_machine_and_one_answer(cloud: EmbeddedCloud) -> None:
    provider = Person.join(cloud.url, "hundred-provider@example.com")
    host = RemoteHost.enroll(provider, cloud.url, **CAPACITY)
    buyer = Person.join(cloud.url, "hundred@example.com")
    answers = at_once([lambda: buyer.rent("one-key", host_id=host.id) for _ in range(CALLS)])
    # a caller may be told that the first call is still under way; then it asks again, as a client does
    told_to_wait = [answer for answer in answers if answer.status_code != 201]
    assert {answer.json()["code"] for answer in told_to_wait} <= {"idempotency_key_in_use", "busy"}
    assert all(answer.json()["retryable"] for answer in told_to_wait)
    final = [*(answer for answer in answers if answer.status_code == 201), buyer.rent("one-key", host_id=host.id)]
    assert len({answer.content for answer in final}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in final) == 1
    assert len(buyer.vms()) == 1
    assert buyer.rent("one-key", host_id=host.id, name="other").json()["code"] == "idempotency_key_reused"
    end_everything([buyer], host)
    assert host.free() == CAPACITY


def test_buyers_at_once_never_get_more_than_there_is_and_all_of_it_is_sellable_again(cloud: EmbeddedCloud) -> None:
    provider = Person.join(cloud.url, "race-provider@example.com")
    host = RemoteHost.enroll(provider, cloud.url, **CAPACITY)
    buyers = [Person.join(cloud.url, f"buyer-{number}@example.com") for number in range(BUYERS)]
    orders = [lambda buyer=buyer: buyer.rent(host_id=host.id) for buyer in buyers for _ in range(ORDERS_EACH)]
    answers = at_once(orders)
    counted = Counter(answer.status_code if answer.status_code == 201 else answer.json()["code"] for answer in answers)
    assert set(counted) <= {201, "no_capacity", "busy"}, counted
    sold = counted[201]
    assert 0 < sold <= CAPACITY["vcpus"]
    assert host.free()["vcpus"] == CAPACITY["vcpus"] - sold
    # whoever was told to come back finds the rest, and not one more
    for _ in range(CAPACITY["vcpus"] - sold):
        assert buyers[0].rent(host_id=host.id).status_code == 201
    assert buyers[0].rent(host_id=host.id).json()["code"] == "no_capacity"
    ended = end_everything(buyers, host)
    assert len(ended) == CAPACITY["vcpus"]
    assert host.free() == CAPACITY
    for buyer in buyers:
        assert buyer.http.get("/v1/billing/balance").json()["held_micros"] == 0
