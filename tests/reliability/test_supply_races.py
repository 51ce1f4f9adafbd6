"""Races for one code, one GPU, one version number and one slice, through the real functions."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, RemoteHost, connect
from tests.support.world import inventory

pytestmark = pytest.mark.slow
AT_ONCE = 8
BIG = {"vcpus": 64, "memory_mib": 65_536, "disk_gib": 1_000}


@pytest.fixture(scope="module")
def provider(cloud: EmbeddedCloud) -> Person:
    return Person.join(cloud.url, "supply-races@example.com")


def at_once(do: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(do, range(times)))


def new_code(provider: Person) -> str:
    return str(provider.http.post("/v1/provider/enrollment-codes", json={}).json()["code"])


def enroll(url: str, code: str, **changes: Any) -> tuple[RemoteHost, httpx.Response]:
    host = RemoteHost(connect(url))
    raw = host.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public_key = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    body = {"protocol_version": 1, "code": code, "public_key": public_key, "inventory": inventory(**changes)}
    return host, host.send("POST", "/v1/agent/enroll", body, subject="enroll")


def test_one_code_makes_one_host(cloud: EmbeddedCloud, provider: Person) -> None:
    code = new_code(provider)
    answers = at_once(lambda _: enroll(cloud.url, code)[1].status_code)
    assert sorted(answers) == [201] + [403] * (AT_ONCE - 1)


def test_one_gpu_joins_with_one_host(cloud: EmbeddedCloud, provider: Person) -> None:
    codes = [new_code(provider) for _ in range(AT_ONCE)]
    gpu = {"uuid": "GPU-race", "model": "A100", "vram_mib": 40_960}
    answers = at_once(lambda number: enroll(cloud.url, codes[number], gpus=[gpu])[1])
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * (AT_ONCE - 1)
    hosts = provider.http.get("/v1/provider/hosts?limit=200").json()["items"]
    assert [device["uuid"] for host in hosts for device in host["devices"]] == ["GPU-race"]


def test_no_two_price_versions_have_one_number(cloud: EmbeddedCloud, provider: Person) -> None:
    host = RemoteHost.enroll(provider, cloud.url, **BIG)
    path = f"/v1/provider/hosts/{host.id}/prices"
    terms = {"memory_gib_nanos_per_hour": 1, "disk_gib_nanos_per_hour": 1}
    answers = at_once(lambda number: provider.http.post(path, json={**terms, "vcpu_nanos_per_hour": number}))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert made
    assert sorted(one["version"] for one in made) == list(range(2, 2 + len(made)))
    listed = provider.http.get(path).json()["items"]
    assert [one["version"] for one in listed] == list(range(1 + len(made), 0, -1))
    newest = max(made, key=lambda one: (one["effective_at"], one["version"]))
    shown = provider.http.get(f"/v1/provider/hosts/{host.id}").json()["prices"]
    assert shown["vcpu_nanos_per_hour"] == newest["vcpu_nanos_per_hour"]


def test_nothing_is_sold_while_its_host_retires(cloud: EmbeddedCloud, provider: Person) -> None:
    renter = Person.join(cloud.url, "supply-renter@example.com")
    for attempt in range(4):
        host = RemoteHost.enroll(provider, cloud.url, **BIG)

        def act(number: int, host: RemoteHost = host, attempt: int = attempt) -> httpx.Response:
            if number == AT_ONCE // 2:
                return host.send("POST", "/v1/agent/retire", {})
            return renter.rent(name=f"r{attempt}-{number}", host_id=host.id)

        answers = at_once(act)
        retired = answers.pop(AT_ONCE // 2).status_code
        rented = [answer for answer in answers if answer.status_code == 201]
        shown = provider.http.get(f"/v1/provider/hosts/{host.id}").json()
        if retired == 200:
            assert rented == []
            assert shown["state"] == "retired"
        else:
            assert retired == 409
            assert rented
            assert shown["state"] == "draining"
        assert shown["sellable"]["vcpus"] - shown["free"]["vcpus"] == len(rented)


def test_what_is_leased_stays_covered_while_less_is_offered(cloud: EmbeddedCloud, provider: Person) -> None:
    renter = Person.join(cloud.url, "supply-shrink@example.com")
    host = RemoteHost.enroll(provider, cloud.url, vcpus=6, memory_mib=65_536, disk_gib=1_000)
    smaller = {"vcpus": 2, "memory_mib": 65_536, "disk_gib": 1_000}
    host.tell(inventory(total={**smaller, "vcpus": 6}, sellable=smaller))

    def act(number: int) -> httpx.Response:
        if number % 2:
            return provider.http.post(f"/v1/provider/hosts/{host.id}/capacity")
        return renter.rent(name=f"s-{number}", host_id=host.id)

    answers = at_once(act)
    rented = [answer for answer in answers[::2] if answer.status_code == 201]
    shown = provider.http.get(f"/v1/provider/hosts/{host.id}").json()
    assert shown["sellable"]["vcpus"] - shown["free"]["vcpus"] == len(rented)
    assert shown["free"]["vcpus"] >= 0
    assert shown["sellable"]["vcpus"] in (2, 6)
