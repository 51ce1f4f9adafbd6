"""Placement: only what fits, the cheapest first, and a refusal that says why."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sharemtc.allocations.placement import BEST, Size, Wish, candidates, explain, nearest, rate_at
from sharemtc.hosts.service import Standing
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import CONTACT, Capacity, Host, Lease
from sharemtc.money import Prices
from sharemtc.wire import Accelerator

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WISH = Wish(2, 1024, 10, "tiny")


def standing(number: int = 0, **changes: Any) -> Standing:
    given: dict[str, Any] = {
        "state": HostState.READY,
        "accelerator": Accelerator.TCG,
        "images": ("tiny",),
        "region": "local",
        "vcpus": 4,
        "memory": 8192,
        "disk": 100,
        "price": 1000,
        **changes,
    }
    host = Host("HOST#x", "HOST", id=f"hst_{number:03d}", prices=Prices(given["price"], 0, 0), enrolled_at=NOW)
    inventory = SimpleNamespace(
        accelerator=given["accelerator"],
        images=given["images"],
        region=given["region"],
        sellable=SimpleNamespace(vcpus=8, memory_mib=8192, disk_gib=100),
    )
    host.attribute_values["inventory"] = inventory
    capacity = Capacity(
        "HOST#x", "CAPACITY", free_vcpus=given["vcpus"], free_memory_mib=given["memory"], free_disk_gib=given["disk"],
        offered_vcpus=8, offered_memory_mib=8192, offered_disk_gib=100,
    )  # fmt: skip
    return Standing(host, capacity, Lease("HOST#x", CONTACT), given["state"], NOW)


class TestCandidates:
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2000), st.integers(1, 9)), max_size=40))
    def test_all_fit_and_the_best_come_first(self, hosts: list[tuple[int, int, int]]) -> None:
        offers = [
            standing(number, vcpus=vcpus, memory=memory, price=price * 1000)
            for number, (vcpus, memory, price) in enumerate(hosts)
        ]
        found = candidates(offers, WISH)
        assert len(found) == sum(vcpus >= 2 and memory >= 1024 for vcpus, memory, _ in hosts)
        rates = [rate_at(at, WISH) for at in found]
        assert max(rates[:BEST], default=0) <= min(rates[BEST:], default=10**9)
        assert rates[BEST:] == sorted(rates[BEST:])

    def test_one_host_may_be_named_or_shunned(self) -> None:
        offers = [standing(1), standing(2)]
        assert [at.host.id for at in candidates(offers, WISH._replace(host_id="hst_002"))] == ["hst_002"]
        assert [at.host.id for at in candidates(offers, WISH._replace(not_host_id="hst_002"))] == ["hst_001"]

    def test_only_the_region_that_is_asked_for(self) -> None:
        offers = [standing(1, region="north"), standing(2, region="south")]
        assert [at.host.id for at in candidates(offers, WISH._replace(region="south"))] == ["hst_002"]


class TestExplain:
    def test_counts_what_each_constraint_rejected_and_what_relaxing_it_would_give(self) -> None:
        offers = [standing(1, vcpus=1), standing(2, vcpus=1, memory=1), standing(3, state=HostState.OFFLINE)]
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
            standing(number, state=state, vcpus=vcpus, memory=memory, disk=disk)
            for number, (state, vcpus, memory, disk) in enumerate(hosts)
        ]
        assert sum(reason.rejected for reason in explain(offers, WISH)) == len(offers) - len(candidates(offers, WISH))

    def test_says_how_much_is_needed_free_and_offered(self) -> None:
        (reason,) = explain([standing(1, vcpus=1), standing(2, vcpus=0)], WISH)
        assert reason == ("vcpus", 2, 2, 2, 1, 8)

    def test_says_nothing_of_constraints_that_rejected_nobody(self) -> None:
        assert explain([standing(1)], WISH) == []


class TestNearest:
    least = Size(1, 128, 1)

    def test_the_same_size_on_another_host_the_cheapest(self) -> None:
        offers = [standing(1, vcpus=1), standing(2, price=3000), standing(3, price=2000)]
        found = nearest(offers, WISH._replace(host_id="hst_001"), self.least)
        assert found is not None
        assert (found.at.host.id, found.size) == ("hst_003", Size(2, 1024, 10))

    def test_else_the_most_of_it_that_is_free(self) -> None:
        offers = [standing(1, vcpus=1, memory=512), standing(2, vcpus=1), standing(3, state=HostState.DRAINING)]
        found = nearest(offers, WISH, self.least)
        assert found is not None
        assert (found.at.host.id, found.size) == ("hst_002", Size(1, 1024, 10))

    def test_nothing_when_not_even_the_least_is_free(self) -> None:
        assert nearest([standing(1, vcpus=0), standing(2, memory=100)], WISH, self.least) is None
