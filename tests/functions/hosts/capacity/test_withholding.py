"""A host that reports less than it offers sells less from that heartbeat on, and as much again once it reports it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.functions.hosts.inventory.test_devices import detail, devices, give_back, gpu, join, lease, offer, report
from tests.support.world import Host, Person, World

from sharemtc.events import service as event_log
from sharemtc.events.data import Devices
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.table import Capacity, host_key
from sharemtc.problems import Conflict
from sharemtc.resources import Slice
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState, Severity
from sharemtc.risks.schemas import RiskQuery


def small(vcpus: int = 4, memory_mib: int = 8192, disk_gib: int = 100) -> dict[str, Any]:
    return {"sellable": {"vcpus": vcpus, "memory_mib": memory_mib, "disk_gib": disk_gib}}


def told(host: Host) -> list[tuple[str, str]]:
    """What happened to the host since it was ready, oldest first."""
    events = event_log.of_resource(host.id, limit=50, cursor=None).items
    return [(one.type, one.reason) for one in reversed(events) if one.type not in ("host.enrolled", "host.ready")]


def open_risks() -> dict[tuple[str, str], Severity]:
    found = risks.list_risks(RiskQuery()).items
    return {(one.kind, one.resource_id): one.severity for one in found if one.state is not RiskState.RESOLVED}


def check(provider: Person, host: Host) -> tuple[str, str]:
    query = f"resource_type=host&resource_id={host.id}&latest=true"
    items = provider.call("GET", f"/v1/resources/health-checks?{query}").json["items"]
    return next((one["status"], one["details"]) for one in items if one["check_type"] == "capacity")


class TestCounts:
    def test_less_is_for_sale_at_once_and_all_of_it_again_when_it_is_back(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider)
        host.heartbeat()
        lease(host, Slice(1, 1024, 10))
        assert report(world, host, **small(vcpus=2, disk_gib=50)).status == 200
        shown = detail(provider, host)
        assert shown["free"] == {"vcpus": 1, "memory_mib": 7168, "disk_gib": 40, "gpus": 0}
        assert shown["sellable"] == {"vcpus": 2, "memory_mib": 8192, "disk_gib": 50}
        assert shown["withheld"] == {"vcpus": 2, "memory_mib": 0, "disk_gib": 50, "gpus": 0}
        with pytest.raises(Conflict):
            lease(host, Slice(2, 1, 1))
        assert told(host) == [("host.capacity_short", "reported_less")]
        assert open_risks() == {(RiskKind.CAPACITY_SHORT, host.id): Severity.WARNING}
        assert check(provider, host)[0] == "critical"
        report(world, host)
        after = detail(provider, host)
        assert after["free"] == {"vcpus": 3, "memory_mib": 7168, "disk_gib": 90, "gpus": 0}
        assert told(host)[1:] == [("host.capacity_restored", "reported")]
        assert open_risks() == {}
        assert check(provider, host)[0] == "ok"

    def test_what_is_leased_and_not_there_is_owed_before_anything_is_sold(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider)
        host.heartbeat()
        lease(host, Slice(2, 1024, 10))
        lease(host, Slice(1, 1024, 10))
        report(world, host, **small(vcpus=1))
        assert open_risks() == {(RiskKind.CAPACITY_SHORT, host.id): Severity.CRITICAL}
        shown = detail(provider, host)
        assert (shown["free"]["vcpus"], shown["sellable"]["vcpus"]) == (0, 3), "never below what is leased"
        give_back(host, Slice(2, 1024, 10))
        assert detail(provider, host)["free"]["vcpus"] == 0
        give_back(host, Slice(1, 1024, 10))
        assert detail(provider, host)["free"] == {"vcpus": 1, "memory_mib": 8192, "disk_gib": 100, "gpus": 0}
        report(world, host)
        assert detail(provider, host)["free"]["vcpus"] == 4

    def test_reports_of_all_sorts_neither_add_to_the_offer_nor_lose_of_it(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider)
        host.heartbeat()
        lease(host, Slice(1, 1, 1))
        for vcpus in (3, 0, 2, 2, 0, 1):
            report(world, host, **small(vcpus=vcpus))
            assert detail(provider, host)["free"]["vcpus"] == max(0, vcpus - 1)
        bigger = {"vcpus": 16, "memory_mib": 8192, "disk_gib": 100}
        report(world, host, total=bigger, sellable=bigger)
        assert (detail(provider, host)["free"]["vcpus"], detail(provider, host)["sellable"]["vcpus"]) == (3, 4)

    def test_the_owners_act_makes_less_the_new_offer(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider)
        host.heartbeat()
        lease(host, Slice(1, 1, 1))
        report(world, host, **small(vcpus=2))
        after = offer(provider, host).json
        assert (after["free"]["vcpus"], after["sellable"]["vcpus"], after["withheld"]["vcpus"]) == (1, 2, 0)
        assert (open_risks(), check(provider, host)[0]) == ({}, "ok")
        report(world, host)
        assert detail(provider, host)["free"]["vcpus"] == 1, "more is sold by the owner's act only"

    def test_a_host_of_before_offers_were_kept_goes_by_its_report_of_then(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider)
        host.heartbeat()
        lease(host, Slice(1, 1, 1))
        names = ("offered_vcpus", "offered_memory_mib", "offered_disk_gib")
        Capacity(host_key(host.id), "CAPACITY").update([getattr(Capacity, name).remove() for name in names])
        report(world, host, **small(vcpus=2))
        assert (read_state(host.id)[0].offered_vcpus, detail(provider, host)["free"]["vcpus"]) == (4, 1)

    def test_a_host_that_is_short_can_still_be_retired(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1))
        host.heartbeat()
        report(world, host, **small(vcpus=2))
        assert host.send("POST", "/v1/agent/retire", {"reason": "sold"}).status == 200


class TestGpus:
    def test_a_replaced_gpu_is_told_with_its_last_proven_second(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1))
        host.heartbeat()
        lease(host, Slice(1, 1, 1, frozenset({"GPU-1"})))
        heard_at = read_state(host.id)[1].last_seen_at
        report(world, host, gpu(2))
        assert {one[0] for one in told(host)} == {"host.device_gone", "host.capacity_short"}
        gone = next(one for one in event_log.of_resource(host.id, limit=9, cursor=None).items if "gone" in one.type)
        assert gone.data == Devices(uuids=["GPU-1"], last_reported_at=heard_at)
        assert open_risks() == {
            (RiskKind.DEVICE_GONE, "GPU-1"): Severity.CRITICAL,
            (RiskKind.CAPACITY_SHORT, host.id): Severity.CRITICAL,
        }
        assert check(provider, host)[0] == "critical"
        assert devices(provider, host) == {"GPU-2": "not_offered"}
        assert "offer_capacity" in detail(provider, host)["actions"]
        give_back(host, Slice(1, 1, 1, frozenset({"GPU-1"})))
        assert detail(provider, host)["free"]["gpus"] == 0, "what is gone is not sold again"
        assert offer(provider, host).json["free"]["gpus"] == 1
        assert devices(provider, host) == {"GPU-2": "free"}
        assert (open_risks(), check(provider, host)[0]) == ({}, "ok")

    def test_a_lost_or_partitioned_gpu_is_not_for_sale_within_one_heartbeat(
        self, world: World, provider: Person
    ) -> None:
        host, _ = join(world, provider, gpu(1), gpu(2))
        host.heartbeat()
        report(world, host, gpu(1), gpu(2, mig=True))
        assert (detail(provider, host)["free"]["gpus"], devices(provider, host)["GPU-2"]) == (1, "withheld")
        with pytest.raises(Conflict):
            lease(host, Slice(1, 1, 1, frozenset({"GPU-2"})))
        report(world, host, gpu(2, mig=True))
        assert detail(provider, host)["free"]["gpus"] == 0
        assert [one for one in told(host) if "gone" in one[0]] == [
            ("host.device_gone", "partitioned"),
            ("host.device_gone", "not_reported"),
        ]
        report(world, host, gpu(1), gpu(2))
        assert (detail(provider, host)["free"]["gpus"], open_risks()) == (2, {})
        assert ("host.device_back", "reported") in told(host)
        lease(host, Slice(1, 1, 1, frozenset({"GPU-2"})))

    def test_a_host_of_eight_that_comes_back_with_seven_says_so(self, world: World, provider: Person) -> None:
        eight = [gpu(number) for number in range(8)]
        host, _ = join(world, provider, *eight)
        host.heartbeat()
        world.time.advance(timedelta(minutes=5))
        report(world, host, *eight[:5], *eight[6:])
        assert "GPU-5" in check(provider, host)[1]
        assert "7 GPUs of the" in check(provider, host)[1]
        assert (RiskKind.DEVICE_GONE, "GPU-5") in open_risks()
        assert detail(provider, host)["free"]["gpus"] == 7

    def test_gpus_that_cannot_be_asked_are_neither_sold_nor_gone(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1), gpu(2))
        other, _ = join(world, provider)
        host.heartbeat()
        other.heartbeat()
        lease(host, Slice(1, 1, 1, frozenset({"GPU-1"})))
        report(world, host, gpus_known=False, gpu_note="NVML: driver not loaded")
        assert devices(provider, host) == {"GPU-1": "leased", "GPU-2": "withheld"}
        assert detail(provider, host)["free"]["gpus"] == 0
        assert ("host.device_gone", "driver_unreadable") in told(host)
        assert (RiskKind.DEVICE_GONE, "GPU-1") not in open_risks()
        assert report(world, other, gpu(2)).json["problems"][0]["code"] == "claimed", "not let go"
        report(world, host, gpu(1), gpu(2))
        assert devices(provider, host) == {"GPU-1": "leased", "GPU-2": "free"}

    def test_offering_while_they_cannot_be_asked_keeps_them_on_offer(self, world: World, provider: Person) -> None:
        host, _ = join(world, provider, gpu(1))
        host.heartbeat()
        report(world, host, gpus_known=False, **small(vcpus=2))
        after = offer(provider, host).json
        assert (after["sellable"]["vcpus"], after["withheld"]["gpus"], after["withheld"]["vcpus"]) == (2, 1, 0)
        assert "offer_capacity" not in after["actions"]
        report(world, host, gpu(1), **small(vcpus=2))
        assert devices(provider, host) == {"GPU-1": "free"}
