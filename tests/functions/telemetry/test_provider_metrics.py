"""GET /v1/admin/providers/{id}/metrics: one figure over all of a provider's machines, with gaps left as gaps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.measuring import GPU, ago, point, send
from tests.support.world import Host, Person, World

from sharemtc.principals import Role

SECOND_GPU = {**GPU, "uuid": GPU["uuid"][:-4] + "ffff"}


@pytest.fixture
def hosts(world: World, provider: Person) -> list[Host]:
    machines = [provider.add_host(gpus=[gpu], network_mbps=1000) for gpu in (GPU, SECOND_GPU)]
    for machine in machines:
        assert machine.heartbeat().status == 200
    return machines


@pytest.fixture
def operator(world: World) -> Person:
    return world.operator(Role.OPS_ADMIN)


def measure(world: World, host: Host, metrics: list[dict[str, Any]]) -> None:
    assert send(host, metrics=metrics).status == 202
    world.keep_telemetry()


def read(operator: Person, provider: Person, metric: str, more: str = "") -> dict[str, Any]:
    path = f"/v1/admin/providers/{provider.user_id}/metrics?metric_type={metric}{more}"
    answer = operator.call("GET", path)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def points(found: dict[str, Any]) -> list[tuple[str, float, int]]:
    return [(item["captured_at"][11:16], item["value"], item["samples"]) for item in found["items"]]


def test_percentages_are_means_and_amounts_sums(
    world: World, provider: Person, hosts: list[Host], operator: Person
) -> None:
    for host, cpu, memory in ((hosts[0], 10, 1000), (hosts[1], 40, 3000)):
        told = [point(host.id, cpu, ago(minutes=3)), point(host.id, memory, ago(minutes=3), "memory_used_mib")]
        measure(world, host, told)
    cpu_found = read(operator, provider, "cpu_used_percent")
    assert points(cpu_found) == [("11:55", 25, 2)]
    assert (cpu_found["resolution_s"], cpu_found["hosts"]) == (300, 2)
    assert points(read(operator, provider, "memory_used_mib")) == [("11:55", 4000, 2)]


def test_gaps_stay_gaps(world: World, provider: Person, hosts: list[Host], operator: Person) -> None:
    measure(world, hosts[0], [point(hosts[0].id, 10, ago(minutes=33)), point(hosts[0].id, 20, ago(minutes=3))])
    assert points(read(operator, provider, "cpu_used_percent")) == [("11:25", 10, 1), ("11:55", 20, 1)]


def test_figures_of_gpus_are_those_in_the_machines(
    world: World, provider: Person, hosts: list[Host], operator: Person
) -> None:
    for host, gpu, watts in ((hosts[0], GPU, 100), (hosts[1], SECOND_GPU, 250)):
        measure(world, host, [point(gpu["uuid"], watts, ago(minutes=3), "gpu_power_w")])
    assert points(read(operator, provider, "gpu_power_w")) == [("11:55", 350, 2)]


def test_long_windows_are_in_hours(world: World, provider: Person, hosts: list[Host], operator: Person) -> None:
    measure(world, hosts[0], [point(hosts[0].id, 10, ago(minutes=3))])
    for more, resolution_s in ((f"&from={ago(hours=2)}&limit=24", 300), (f"&from={ago(hours=3)}&limit=24", 3600)):
        assert read(operator, provider, "cpu_used_percent", more)["resolution_s"] == resolution_s
    assert read(operator, provider, "cpu_used_percent", f"&from={ago(days=8)}")["resolution_s"] == 3600


def test_another_providers_machines_are_not_in_it(
    world: World, provider: Person, hosts: list[Host], operator: Person, time: Time
) -> None:
    other = world.join("other@example.com")
    machine = other.add_host()
    machine.heartbeat()
    measure(world, machine, [point(machine.id, 90, ago(minutes=3))])
    time.advance(timedelta(seconds=1))
    assert read(operator, provider, "cpu_used_percent")["items"] == []
    assert points(read(operator, other, "cpu_used_percent")) == [("11:55", 90, 1)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("metric_type=dreams", "/metric_type"),
        ("metric_type=load_1m&from=yesterday", "/from"),
        ("metric_type=load_1m&from=2030-01-31T13:00:00Z", "/from"),
        ("metric_type=load_1m&limit=501", "/limit"),
        ("metric_type=load_1m&host=x", "/host"),
        ("", "/metric_type"),
    ],
)
def test_unreadable_query_is_refused_by_name(
    provider: Person, hosts: list[Host], operator: Person, query: str, pointer: str
) -> None:
    answer = operator.call("GET", f"/v1/admin/providers/{provider.user_id}/metrics?{query}")
    assert (answer.status, answer.pointers) == (422, [pointer])
