"""A heartbeat in parts: what is refused of it is named and changes nothing; all else is taken."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.events import Answer, call
from tests.support.machines import free, run
from tests.support.world import Host, Person, World, function, inventory

from sharemtc import clock
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.service import find

GPU = {"uuid": "GPU-1", "model": "A100", "vram_mib": 40_960}
LONG = "x" * 201


@pytest.fixture
def host(provider: Person) -> Host:
    host = provider.add_host(gpus=[GPU])
    assert host.heartbeat().status == 200
    return host


def report(host: Host, **changes: Any) -> Answer:
    """A heartbeat ten seconds later that describes the machine."""
    host.world.time.advance(timedelta(seconds=10))
    return host.heartbeat_with({"inventory": inventory(**{"gpus": [GPU], **changes})})


def problems(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 200, answer.text
    return [(problem["pointer"], problem["code"]) for problem in answer.json["problems"]]


class TestInventory:
    @pytest.mark.parametrize(
        ("change", "pointer", "code"),
        [
            ({"cpu_model": LONG}, "/inventory/cpu_model", "string_too_long"),
            ({"kernel": 6}, "/inventory/kernel", "string_type"),
            ({"os": "a\x00b"}, "/inventory/os", "nul"),
            ({"gpu_note": LONG}, "/inventory/gpu_note", "string_too_long"),
            ({"boasts": True}, "/inventory/boasts", "extra_forbidden"),
            ({"network_mbps": -1}, "/inventory/network_mbps", "greater_than_equal"),
            ({"capabilities": [{"name": "teleport", "available": True}]}, "/inventory/capabilities/0/name", "enum"),
            ({"gpus": [GPU, {**GPU, "uuid": "TPU-1"}]}, "/inventory/gpus/1/uuid", "string_pattern_mismatch"),
            ({"gpus": [GPU, {"model": "A100"}]}, "/inventory/gpus/1/uuid", "missing"),
            ({"gpus": [{**GPU, "vram_mib": 2**64}]}, "/inventory/gpus/0/vram_mib", "less_than_equal"),
            ({"gpus": [{**GPU, "vram_mib": -1}]}, "/inventory/gpus/0/vram_mib", "greater_than_equal"),
            ({"gpus": [{**GPU, "nvlinks": 4}]}, "/inventory/gpus/0/nvlinks", "extra_forbidden"),
            ({"gpus": [GPU, GPU]}, "/inventory/gpus/1/uuid", "duplicate"),
            ({"gpus": [GPU] * 65}, "/inventory/gpus", "too_long"),
            ({"gpus": 7}, "/inventory/gpus", "tuple_type"),
            ({"total": {"vcpus": -1, "memory_mib": 1, "disk_gib": 1}}, "/inventory/total/vcpus", "greater_than_equal"),
            (
                {"sellable": {"vcpus": 2**64, "memory_mib": 1, "disk_gib": 1}},
                "/inventory/sellable/vcpus",
                "less_than_equal",
            ),
            ({"sellable": {"vcpus": 5, "memory_mib": 1, "disk_gib": 1}}, "/inventory/sellable/vcpus", "exceeds_total"),
        ],
    )
    def test_a_refused_item_is_named_and_changes_neither_the_host_nor_what_it_sells(
        self, host: Host, change: dict[str, Any], pointer: str, code: str
    ) -> None:
        before, lease = read_state(host.id)
        answer = report(host, **{"images": ["tiny", "big"], **change})
        assert problems(answer) == [(pointer, code)]
        after, heard = read_state(host.id)
        known = find(host.id).inventory
        assert heard.last_seen_at > lease.last_seen_at
        assert known.images == ("tiny", "big"), "the rest of the inventory is taken"
        assert (known.cpu_model, known.kernel, known.os, known.total.vcpus) == ("Test CPU", "6.1.0", "Linux", 4)
        assert [(gpu.uuid, gpu.vram_mib) for gpu in known.gpus] == [("GPU-1", 40_960)]
        assert after.attribute_values == before.attribute_values

    def test_all_problems_are_told_by_their_places_as_sent(self, host: Host) -> None:
        bad = {**GPU, "uuid": "GPU-2", "model": LONG}
        answer = report(host, gpus=[bad, GPU, {**bad, "uuid": "GPU-3"}], kernel=LONG, images=["tiny", "\x00", LONG])
        assert sorted(problems(answer)) == [
            ("/inventory/gpus/0/model", "string_too_long"),
            ("/inventory/gpus/2/model", "string_too_long"),
            ("/inventory/images/1", "nul"),
            ("/inventory/images/2", "string_too_long"),
            ("/inventory/kernel", "string_too_long"),
        ]
        assert find(host.id).inventory.images == ("tiny",)

    @pytest.mark.parametrize("told", [5, [], "box", {}])
    def test_what_is_no_inventory_leaves_the_known_one(self, host: Host, told: Any) -> None:
        host.world.time.advance(timedelta(seconds=10))
        before = find(host.id).inventory
        answer = host.heartbeat_with({"inventory": told})
        assert answer.status == 200
        assert {problem["pointer"].split("/")[1] for problem in answer.json["problems"]} == {"inventory"}
        assert find(host.id).inventory == before

    def test_a_whole_inventory_has_no_problems(self, host: Host) -> None:
        assert problems(report(host)) == []
        assert problems(host.heartbeat()) == []


class TestWorkloads:
    def test_an_unknown_kind_of_workload_is_told_and_all_others_are_taken(
        self, world: World, provider: Person, host: Host
    ) -> None:
        renter = world.join("renter@example.com")
        vm_id = run(world, renter, host)
        pod = {"id": "pod_01Q5VXFAG080SD00RA05C0NAEY", "generation": 1, "state": "running"}
        host.workloads = [pod, *host.workloads]
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat()
        assert problems(answer) == [("/workloads/0/id", "string_pattern_mismatch")]
        assert [paid["id"] for paid in answer.json["workloads"]] == [vm_id]
        assert answer.json["orphans"] == [], "what is not known is not destroyed"
        world.reconcile()
        assert renter.vm(vm_id)["status"] == "running"

    @pytest.mark.parametrize(
        "change", [{"state": "paused"}, {"boot_id": LONG}, {"generation": -1}, {"ssh_port": 70_000}, {"mood": "good"}]
    )
    def test_a_workload_of_which_something_is_refused_is_there_as_it_was_known(
        self, world: World, provider: Person, host: Host, change: dict[str, Any]
    ) -> None:
        renter = world.join("renter@example.com")
        vm_id = run(world, renter, host)
        assert host.heartbeat().status == 200
        left = free(host)
        host.workloads = [{**host.workloads[0], **change}]
        world.time.advance(timedelta(seconds=10))
        answer = host.heartbeat()
        assert problems(answer)[0][0] == f"/workloads/0/{next(iter(change))}"
        assert [paid["id"] for paid in answer.json["workloads"]] == [vm_id]
        world.reconcile()
        assert (renter.vm(vm_id)["status"], free(host)) == ("running", left)

    @pytest.mark.parametrize("told", [7, {"a": 1}, [{}], [None] * 1001])
    def test_a_list_that_cannot_be_read_says_nothing(
        self, world: World, provider: Person, host: Host, told: Any
    ) -> None:
        renter = world.join("renter@example.com")
        vm_id = run(world, renter, host)
        assert host.heartbeat().status == 200
        world.time.advance(timedelta(seconds=10))
        assert problems(host.heartbeat_with({"workloads": told}))[0][0].startswith("/workloads")
        world.reconcile()
        assert renter.vm(vm_id)["status"] == "running"


class TestWhatMakesItAHeartbeat:
    @pytest.mark.parametrize(
        ("change", "pointers"),
        [
            ({"instance": "short"}, ["/instance"]),
            ({"figures": {}}, None),
            ({"figures": 1}, ["/figures"]),
        ],
    )
    def test_is_demanded(self, host: Host, change: dict[str, Any], pointers: list[str] | None) -> None:
        before = read_state(host.id)[1]
        answer = host.heartbeat_with({**change, "workloads": [{"id": "pod_1"}]})
        assert answer.status == 422
        assert pointers is None or answer.pointers == pointers
        assert all(not pointer.startswith("/workloads") for pointer in answer.pointers)
        assert read_state(host.id)[1].seq == before.seq

    def test_figures_are_read_strictly(self, host: Host) -> None:
        body = {
            "captured_at": "2030-01-31T12:00:00Z", "cpu_used_percent": 1, "load_1m": 0, "memory_used_mib": 1,
            "disk_used_gib": 1, "network_rx_bytes": 1, "network_tx_bytes": 1,
        }  # fmt: skip
        for name, value in (("cpu_used_percent", -1), ("network_rx_bytes", 2**64), ("memory_used_mib", 1.5)):
            answer = host.heartbeat_with({"figures": {**body, name: value}})
            assert (answer.status, answer.pointers) == (422, [f"/figures/{name}"])
        assert problems(host.heartbeat_with({"figures": {**body, "fans": 3}})) == [("/figures/fans", "extra_forbidden")]

    @pytest.mark.parametrize(("ahead_s", "kept"), [(-90_000, True), (59, True), (61, False), (10**8, False)])
    @pytest.mark.parametrize("extra", [{}, {"mood": "good"}])
    def test_figures_of_a_time_to_come_are_of_their_arrival(
        self, host: Host, ahead_s: int, kept: bool, extra: dict[str, Any]
    ) -> None:
        host.world.time.advance(timedelta(seconds=10))
        told_at, now = clock.now() + timedelta(seconds=ahead_s), clock.now()
        body = {
            "captured_at": told_at.isoformat(), "cpu_used_percent": 77, "load_1m": 0, "memory_used_mib": 1,
            "disk_used_gib": 1, "network_rx_bytes": 1, "network_tx_bytes": 1,
        }  # fmt: skip
        told = problems(host.heartbeat_with({"figures": body, **extra}))
        assert (("/figures/captured_at", "untimely") in told) == (not kept)
        figures = read_state(host.id)[1].figures
        assert figures is not None
        assert figures.cpu_used_percent == 77
        assert figures.captured_at == (told_at if kept else now)

    @pytest.mark.parametrize(
        ("raw", "status"),
        [(b'{"figures": NaN}', 400), (b"[" * 40 + b"]" * 40, 400), (b"[]", 422), (b"{}", 422), (b"x" * 10**7, 413)],
    )
    def test_what_is_no_heartbeat_is_refused(self, host: Host, raw: bytes, status: int) -> None:
        assert host.send_bytes("/v1/agent/heartbeat", raw, "application/json").status == status

    def test_a_newer_agent_is_heard(self, host: Host) -> None:
        host.world.time.advance(timedelta(seconds=10))
        assert problems(host.heartbeat_with({"mood": {"is": "good"}})) == [("/mood", "extra_forbidden")]
        assert read_state(host.id)[1].seq == host.seq


def test_the_front_of_a_hosts_life_is_still_strict(world: World, provider: Person) -> None:
    code = provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
    newcomer = Host(world)
    answer = newcomer.send("POST", "/v1/agent/enroll", newcomer.enrollment(code, kernel=LONG), subject="enroll")
    assert (answer.status, answer.pointers) == (422, ["/inventory/kernel"])
    shown = call(function("catalog").app, "GET", "/v1/catalog/hosts")
    assert json.loads(shown.text)["items"] == []
