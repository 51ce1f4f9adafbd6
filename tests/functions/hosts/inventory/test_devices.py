"""GPUs by UUID, each in one host; and what is on sale, which only its owner's act changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.events import Answer, call
from tests.support.world import Host, Person, World, function, inventory

from sharemtc.events import service as event_log
from sharemtc.hosts.capacity import slices
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.problems import Conflict
from sharemtc.resources import Slice
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState
from sharemtc.risks.schemas import RiskQuery
from sharemtc.storage.transactions import Transaction

HOLDER = "alc_test"


def gpu(number: int, **changes: Any) -> dict[str, Any]:
    return {"uuid": f"GPU-{number}", "model": "A100", "vram_mib": 40_960, **changes}


def join(world: World, provider: Person, *gpus: dict[str, Any]) -> tuple[Host, Answer]:
    code = provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
    host = Host(world)
    answer = host.send("POST", "/v1/agent/enroll", host.enrollment(code, gpus=list(gpus)), subject="enroll")
    host.id = answer.json.get("host_id", "")
    return host, answer


def report(world: World, host: Host, *gpus: dict[str, Any], **changes: Any) -> Answer:
    world.time.advance(timedelta(seconds=10))
    return host.heartbeat_with({"inventory": inventory(gpus=list(gpus), **changes)})


def problems(answer: Answer) -> list[tuple[str, str]]:
    """What a heartbeat that was taken was told of its parts."""
    assert answer.status == 200, answer.text
    return [(problem["pointer"], problem["code"]) for problem in answer.json["problems"]]


def events_of(host: Host) -> list[str]:
    """The events of a host's report, newest first."""
    usual = {"host.enrolled", "host.ready"}
    return [one.type for one in event_log.of_resource(host.id, limit=50, cursor=None).items if one.type not in usual]


def detail(provider: Person, host: Host) -> dict[str, Any]:
    return dict(provider.call("GET", f"/v1/provider/hosts/{host.id}").json)


def devices(provider: Person, host: Host) -> dict[str, str]:
    return {device["uuid"]: device["state"] for device in detail(provider, host)["devices"]}


def offer(provider: Person, host: Host) -> Answer:
    return provider.call("POST", f"/v1/provider/hosts/{host.id}/capacity")


def lease(host: Host, slice: Slice) -> None:
    """Take a slice as an allocation does."""
    transaction = Transaction()
    epoch = read_state(host.id)[0].epoch
    slices.take(transaction, host.id, slice, by=HOLDER, epoch=epoch, refused=Conflict())
    transaction.commit()


def give_back(host: Host, slice: Slice) -> None:
    transaction = Transaction()
    slices.give_back(transaction, host.id, slice, by=HOLDER)
    transaction.commit()


class TestClaim:
    def test_one_gpu_in_two_machines_is_refused_and_told_to_operators(self, world: World, provider: Person) -> None:
        first, _ = join(world, provider, gpu(1), gpu(2))
        other = world.join("other@example.com")
        _, refused = join(world, other, gpu(3), gpu(2))
        assert (refused.status, refused.pointers) == (422, ["/inventory/gpus/1/uuid"])
        assert refused.json["errors"][0]["code"] == "claimed"
        assert first.id not in refused.text
        assert other.call("GET", "/v1/provider/hosts").json["items"] == []
        (risk,) = risks.list_risks(RiskQuery(kind=RiskKind.DEVICE_CLAIMED_TWICE)).items
        assert (risk.resource_id, risk.owner_id) == ("GPU-2", other.user_id)
        assert join(world, other, gpu(3))[1].status == 201

    def test_a_heartbeat_that_brings_anothers_gpu_is_taken_without_it(self, world: World, provider: Person) -> None:
        join(world, provider, gpu(1))
        second, _ = join(world, provider, gpu(2))
        second.heartbeat()
        before = read_state(second.id)
        told = report(world, second, gpu(2), gpu(1))
        assert problems(told) == [("/inventory/gpus/1/uuid", "claimed")]
        assert devices(provider, second) == {"GPU-2": "free"}
        after = read_state(second.id)
        assert (after[0].free_gpus, after[0].offered_gpus) == (before[0].free_gpus, before[0].offered_gpus)
        assert after[1].seq > before[1].seq, "the host lives, whatever it says of its GPUs"
        assert events_of(second) == ["host.devices_refused"]
        assert problems(report(world, second, gpu(2), gpu(1))) == [("/inventory/gpus/1/uuid", "claimed")]
        assert events_of(second) == ["host.devices_refused"], "told once"

    def test_a_gpu_moves_once_its_host_reports_it_no_more(self, world: World, provider: Person) -> None:
        first, _ = join(world, provider, gpu(1), gpu(2))
        second, _ = join(world, provider)
        second.heartbeat()
        assert problems(report(world, second, gpu(2))) == [("/inventory/gpus/0/uuid", "claimed")]
        assert report(world, first, gpu(1)).status == 200
        assert problems(report(world, second, gpu(2))) == []
        assert devices(provider, second) == {"GPU-2": "not_offered"}
        assert detail(provider, first)["sellable"] | {"gpus": 1} == detail(provider, first)["reported"]
        assert read_state(first.id)[0].free_gpus == {"GPU-1"}
        settled = risks.list_risks(RiskQuery(state=RiskState.RESOLVED)).items
        assert {(risk.kind, risk.resource_id) for risk in settled} == {
            (RiskKind.DEVICE_CLAIMED_TWICE, "GPU-2"),
            (RiskKind.DEVICE_GONE, "GPU-2"),
        }
        assert problems(report(world, first, gpu(1), gpu(2))) == [("/inventory/gpus/1/uuid", "claimed")]

    def test_a_leased_gpu_stays_where_it_is_leased(self, world: World, provider: Person) -> None:
        first, _ = join(world, provider, gpu(1))
        first.heartbeat()
        lease(first, Slice(1, 1, 1, frozenset({"GPU-1"})))
        assert report(world, first).status == 200
        assert join(world, provider, gpu(1))[1].status == 422
        give_back(first, Slice(1, 1, 1, frozenset({"GPU-1"})))
        assert join(world, provider, gpu(1))[1].status == 201

    def test_a_retired_hosts_gpus_can_join_again(self, world: World, provider: Person) -> None:
        first, _ = join(world, provider, gpu(1), gpu(2))
        assert first.send("POST", "/v1/agent/retire", {"reason": "sold"}).status == 200
        again, answer = join(world, provider, gpu(1), gpu(2))
        assert answer.status == 201
        assert devices(provider, again) == {"GPU-1": "free", "GPU-2": "free"}
        assert read_state(first.id)[0].free_gpus is None

    def test_a_partitioned_gpu_is_described_and_not_sold(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1, mig=True), gpu(2, driver_version="570.1", cuda_version="12.8"))
        assert devices(provider, host) == {"GPU-1": "not_offered", "GPU-2": "free"}
        assert read_state(host.id)[0].free_gpus == {"GPU-2"}
        assert detail(provider, host)["devices"][1]["cuda_version"] == "12.8"
        (shown,) = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"]
        assert (len(shown["gpus"]), shown["free"]["gpus"]) == (1, 1)
        assert "uuid" not in shown["gpus"][0]


class TestOffer:
    def test_what_is_reported_is_sold_only_by_the_owners_act(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1))
        host.heartbeat()
        bigger = {"vcpus": 8, "memory_mib": 16_384, "disk_gib": 200}
        assert report(world, host, gpu(1), gpu(2), total=bigger, sellable=bigger).status == 200
        shown = detail(provider, host)
        assert (shown["sellable"]["vcpus"], shown["reported"]["vcpus"], shown["free"]["gpus"]) == (4, 8, 1)
        assert devices(provider, host)["GPU-2"] == "not_offered"
        assert "offer_capacity" in shown["actions"]
        lease(host, Slice(2, 1024, 10))
        after = offer(provider, host).json
        assert after["free"] == {"vcpus": 6, "memory_mib": 15_360, "disk_gib": 190, "gpus": 2}
        assert after["sellable"] == bigger
        assert "offer_capacity" not in after["actions"]
        assert offer(provider, host).json == after

    def test_less_is_sold_as_far_as_nothing_of_it_is_leased(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1), gpu(2))
        host.heartbeat()
        lease(host, Slice(2, 1024, 10, frozenset({"GPU-1"})))
        smaller = {"vcpus": 1, "memory_mib": 8192, "disk_gib": 100}
        report(world, host, gpu(1), gpu(3), sellable=smaller)
        refused = offer(provider, host)
        assert (refused.status, refused.code) == (409, "capacity_leased")
        assert detail(provider, host)["free"]["vcpus"] == 0
        report(world, host, gpu(3), sellable={**smaller, "vcpus": 2})
        assert offer(provider, host).code == "capacity_leased", "GPU-1 is leased"
        report(world, host, gpu(1), gpu(3), sellable={**smaller, "vcpus": 2})
        assert offer(provider, host).json["free"] == {"vcpus": 0, "memory_mib": 7168, "disk_gib": 90, "gpus": 1}
        give_back(host, Slice(2, 1024, 10, frozenset({"GPU-1"})))
        free = read_state(host.id)[0]
        assert (free.free_vcpus, free.free_gpus) == (2, {"GPU-1", "GPU-3"})
