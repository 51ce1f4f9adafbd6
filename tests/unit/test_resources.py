"""Arithmetic on what is needed and what is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.resources import Demand, Slice, total

COUNT = st.integers(0, 100)
UUIDS = st.frozensets(st.sampled_from([f"GPU-{number}" for number in range(6)]))
SLICES = st.builds(Slice, COUNT, COUNT, COUNT, UUIDS)
WITHOUT_GPUS = st.builds(Demand, COUNT, COUNT, COUNT)
WITH_GPUS = st.builds(Demand, COUNT, COUNT, COUNT, st.integers(1, 8), st.sampled_from(["A100", "RTX 4090"]))
DEMANDS = WITHOUT_GPUS | WITH_GPUS
PARTS = ("vcpus", "memory_mib", "disk_gib", "gpus")


def parts(of: Demand | Slice) -> list[int]:
    return [getattr(of, name) for name in PARTS]


class TestDemand:
    @pytest.mark.parametrize("wrong", [(-1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 0, "A100"), (1, 1, 1, -1, "A100")])
    def test_is_never_negative_and_names_the_model_of_its_gpus(self, wrong: tuple[Any, ...]) -> None:
        with pytest.raises(AssertionError):
            Demand(*wrong)

    @given(DEMANDS, DEMANDS)
    def test_the_smaller_of_two_fits_in_both(self, one: Demand, other: Demand) -> None:
        assert one.at_most(other).fits_in(one)
        assert one.at_most(other).fits_in(other)
        assert one.fits_in(other) == (one.at_most(other) == one)

    @given(DEMANDS, DEMANDS)
    def test_fits_where_no_part_is_more_and_the_gpus_are_of_one_model(self, one: Demand, other: Demand) -> None:
        same = not one.gpus or one.gpu_model == other.gpu_model
        expected = same and all(a <= b for a, b in zip(parts(one), parts(other), strict=True))
        assert one.fits_in(other) == expected

    @given(DEMANDS, SLICES)
    def test_what_is_still_needed_is_what_is_not_taken(self, demand: Demand, taken: Slice) -> None:
        assert parts(demand.less(taken)) == [max(0, a - b) for a, b in zip(parts(demand), parts(taken), strict=True)]

    def test_says_what_it_is(self) -> None:
        assert str(Demand(2, 1024, 10)) == "2 vCPUs, 1024 MiB, 10 GiB"
        assert str(Demand(2, 1024, 10, 2, "RTX 4090")) == "2 vCPUs, 1024 MiB, 10 GiB, 2 RTX 4090 GPUs"


class TestSlice:
    @given(SLICES, SLICES)
    def test_adding_and_taking_away_of_other_gpus_is_undone(self, one: Slice, other: Slice) -> None:
        other = replace(other, gpu_uuids=other.gpu_uuids - one.gpu_uuids)
        assert one + other - other == one

    @given(SLICES, SLICES)
    def test_less_is_never_negative_and_fits(self, one: Slice, other: Slice) -> None:
        left = one.less(other)
        assert not left.is_negative
        assert left.fits_in(one)
        assert one.fits_in(other) == left.is_empty

    @given(SLICES, SLICES)
    def test_the_larger_of_two_holds_both(self, one: Slice, other: Slice) -> None:
        both = one.or_more(other)
        assert one.fits_in(both)
        assert other.fits_in(both)

    @given(SLICES)
    def test_a_stopped_workload_keeps_its_disk(self, held: Slice) -> None:
        assert held - held.without_disk() == Slice(disk_gib=held.disk_gib)

    @given(st.lists(SLICES, max_size=5))
    def test_the_total_counts_every_part(self, found: list[Slice]) -> None:
        apart = [
            replace(one, gpu_uuids=frozenset(f"{index}-{uuid}" for uuid in one.gpu_uuids))
            for index, one in enumerate(found)
        ]
        assert parts(total(apart)) == [sum(getattr(one, name) for one in found) for name in PARTS]
