"""Placement: only what fits, the cheapest first, and a refusal that says why."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sharemtc.allocations.placement import BEST, Requirements, candidates, explain, nearest, rate_at
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import LEASE, Capacity, Host, Lease
from sharemtc.money import GpuPrice, Prices
from sharemtc.resources import Demand
from sharemtc.wire import Accelerator

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WISH = Requirements(Demand(2, 1024, 10), "tiny")


def status_of(number: int = 0, **changes: Any) -> HostStatus:
    given: dict[str, Any] = {
        "state": HostState.READY,
        "accelerator": Accelerator.TCG,
        "images": ("tiny",),
        "region": "local",
        "vcpus": 4,
        "memory": 8192,
        "disk": 100,
        "price": 1000,
        "gpus": (),
        "gpu_prices": (GpuPrice("A100", 5000), GpuPrice("RTX 4090", 4000)),
        **changes,
    }
    host = Host("HOST#x", "HOST", id=f"hst_{number:03d}", enrolled_at=NOW)
    host.prices = Prices(given["price"], 0, 0, gpus=given["gpu_prices"])
    inventory = SimpleNamespace(
        accelerator=given["accelerator"],
        images=given["images"],
        region=given["region"],
        sellable=SimpleNamespace(vcpus=8, memory_mib=8192, disk_gib=100),
        gpus=[SimpleNamespace(uuid=f"GPU-{index}", model=model) for index, model in enumerate(given["gpus"])],
    )
    host.attribute_values["inventory"] = inventory
    capacity = Capacity(
        "HOST#x", "CAPACITY", free_vcpus=given["vcpus"], free_memory_mib=given["memory"], free_disk_gib=given["disk"],
        offered_vcpus=8, offered_memory_mib=8192, offered_disk_gib=100,
        free_gpus={f"GPU-{index}" for index in given.get("free_gpus", range(len(given["gpus"])))} or None,
        offered_gpus={f"GPU-{index}" for index in range(len(given["gpus"]))} or None,
    )  # fmt: skip
    return HostStatus(host, capacity, Lease("HOST#x", LEASE), given["state"], NOW)


class TestCandidates:
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2000), st.integers(1, 9)), max_size=40))
    def test_all_fit_and_the_best_come_first(self, hosts: list[tuple[int, int, int]]) -> None:
        offers = [
            status_of(number, vcpus=vcpus, memory=memory, price=price * 1000)
            for number, (vcpus, memory, price) in enumerate(hosts)
        ]
        found = candidates(offers, WISH)
        assert len(found) == sum(vcpus >= 2 and memory >= 1024 for vcpus, memory, _ in hosts)
        rates = [rate_at(at, WISH.demand) for at in found]
        assert max(rates[:BEST], default=0) <= min(rates[BEST:], default=10**9)
        assert rates[BEST:] == sorted(rates[BEST:])

    def test_one_host_may_be_named_or_shunned(self) -> None:
        offers = [status_of(1), status_of(2)]
        assert [at.host.id for at in candidates(offers, WISH._replace(host_id="hst_002"))] == ["hst_002"]
        assert [at.host.id for at in candidates(offers, WISH._replace(not_host_id="hst_002"))] == ["hst_001"]

    def test_only_the_region_that_is_asked_for(self) -> None:
        offers = [status_of(1, region="north"), status_of(2, region="south")]
        assert [at.host.id for at in candidates(offers, WISH._replace(region="south"))] == ["hst_002"]


class TestExplain:
    def test_counts_what_each_constraint_rejected_and_what_relaxing_it_would_give(self) -> None:
        offers = [status_of(1, vcpus=1), status_of(2, vcpus=1, memory=1), status_of(3, state=HostState.OFFLINE)]
        told = {reason.constraint: (reason.rejected, reason.would_match) for reason in explain(offers, WISH)}
        assert told == {"vcpus": (2, 1), "alive": (1, 1)}

    @given(
        st.lists(
            st.tuples(st.sampled_from(HostState), st.integers(0, 4), st.integers(0, 2000), st.integers(0, 20)),
            max_size=30,
        )
    )
    def test_counts_add_up_to_the_hosts_that_do_not_fit(self, hosts: list[tuple[HostState, int, int, int]]) -> None:
        offers = [
            status_of(number, state=state, vcpus=vcpus, memory=memory, disk=disk)
            for number, (state, vcpus, memory, disk) in enumerate(hosts)
        ]
        assert sum(reason.rejected for reason in explain(offers, WISH)) == len(offers) - len(candidates(offers, WISH))

    def test_says_how_much_is_needed_free_and_offered(self) -> None:
        (reason,) = explain([status_of(1, vcpus=1), status_of(2, vcpus=0)], WISH)
        assert reason == ("vcpus", 2, 2, 2, 1, 8)

    def test_says_nothing_of_constraints_that_rejected_nobody(self) -> None:
        assert explain([status_of(1)], WISH) == []


class TestNearest:
    least = Demand(1, 128, 1)

    def test_the_same_size_on_another_host_the_cheapest(self) -> None:
        offers = [status_of(1, vcpus=1), status_of(2, price=3000), status_of(3, price=2000)]
        found = nearest(offers, WISH._replace(host_id="hst_001"), self.least)
        assert found is not None
        assert (found.at.host.id, found.demand) == ("hst_003", Demand(2, 1024, 10))

    def test_else_the_most_of_it_that_is_free(self) -> None:
        offers = [status_of(1, vcpus=1, memory=512), status_of(2, vcpus=1), status_of(3, state=HostState.DRAINING)]
        found = nearest(offers, WISH, self.least)
        assert found is not None
        assert (found.at.host.id, found.demand) == ("hst_002", Demand(1, 1024, 10))

    def test_nothing_when_not_even_the_least_is_free(self) -> None:
        assert nearest([status_of(1, vcpus=0), status_of(2, memory=100)], WISH, self.least) is None


class TestGpus:
    requirements = WISH._replace(demand=Demand(2, 1024, 10, 2, "RTX 4090"))

    def test_only_hosts_that_have_as_many_free_of_the_model_and_a_price_for_it(self) -> None:
        offers = [
            status_of(1),
            status_of(2, gpus=("A100", "A100")),
            status_of(3, gpus=("RTX 4090", "RTX 4090"), free_gpus=[0]),
            status_of(4, gpus=("RTX 4090", "RTX 4090"), gpu_prices=()),
            status_of(5, gpus=("A100", "RTX 4090", "RTX 4090")),
        ]
        assert [at.host.id for at in candidates(offers, self.requirements)] == ["hst_005"]
        assert explain(offers[:4], self.requirements) == [("gpus", 4, 4, 2, 1, 2)]

    def test_the_price_of_the_gpus_decides_with_the_rest(self) -> None:
        two = ("RTX 4090", "RTX 4090")
        offers = [status_of(1, gpus=two), status_of(2, gpus=two, gpu_prices=(GpuPrice("RTX 4090", 3999),), price=1001)]
        assert [rate_at(at, self.requirements.demand) for at in offers] == [10_000, 10_000]
        cheaper = status_of(3, gpus=two, gpu_prices=(GpuPrice("RTX 4090", 1),))
        found = nearest([*offers, cheaper], self.requirements._replace(host_id="hst_009"), TestNearest.least)
        assert found is not None
        assert found.at.host.id == "hst_003"

    def test_the_nearest_has_at_least_one_of_the_model(self) -> None:
        offers = [status_of(1), status_of(2, gpus=("A100", "A100")), status_of(3, vcpus=2, gpus=("RTX 4090",))]
        found = nearest(offers, self.requirements, TestNearest.least)
        assert found is not None
        assert (found.at.host.id, found.demand) == ("hst_003", Demand(2, 1024, 10, 1, "RTX 4090"))
        assert nearest(offers[:2], self.requirements, TestNearest.least) is None

    def test_the_slice_is_of_free_gpus_of_the_model_and_varies(self) -> None:
        at = status_of(gpus=("A100", *["RTX 4090"] * 4), free_gpus=[0, 1, 2, 4])
        chosen = {offering.choose(at.capacity, at.host, self.requirements.demand) for _ in range(60)}
        assert {one.gpu_uuids for one in chosen} == {
            frozenset(pair) for pair in combinations(["GPU-1", "GPU-2", "GPU-4"], 2)
        }
        assert all((one.vcpus, one.memory_mib, one.disk_gib) == (2, 1024, 10) for one in chosen)
