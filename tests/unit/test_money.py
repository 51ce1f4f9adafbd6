"""The rules of money: exact over any splitting, never a float, never negative."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from sharemtc import money
from sharemtc.money import GpuPrice, Prices
from sharemtc.resources import Demand

RATES = st.integers(0, 10**13)
LENGTHS_MS = st.integers(0, 400 * 86_400_000)
AMOUNTS = st.integers(0, 10**12)


class TestCumulative:
    @given(RATES, LENGTHS_MS)
    def test_is_the_closed_form(self, rate: int, elapsed_ms: int) -> None:
        assert money.cumulative_micros(rate, elapsed_ms) == rate * elapsed_ms // (3_600_000 * 1000)

    @given(RATES, st.lists(LENGTHS_MS, min_size=1, max_size=30))
    def test_splitting_never_changes_the_total(self, rate: int, cuts: list[int]) -> None:
        instants = sorted(cuts)
        posted = 0
        for instant in instants:
            window = money.cumulative_micros(rate, instant) - posted
            assert window >= 0
            posted += window
        assert posted == money.cumulative_micros(rate, instants[-1])

    def test_one_hour_costs_the_rate(self) -> None:
        assert money.cumulative_micros(13_150_000, 3_600_000) == 13_150


class TestAffordable:
    @given(st.integers(1, 10**13), AMOUNTS)
    @example(1, 0)
    def test_is_the_last_millisecond_that_is_paid(self, rate: int, amount: int) -> None:
        length_ms = money.affordable_ms(rate, amount)
        assert length_ms is not None
        assert money.cumulative_micros(rate, length_ms) <= amount
        assert money.cumulative_micros(rate, length_ms + 1) > amount

    def test_what_costs_nothing_lasts_for_ever(self) -> None:
        assert money.affordable_ms(0, 0) is None
        assert money.affordable_until(0, 5, datetime(2030, 1, 1, tzinfo=UTC)) is None

    def test_until_is_an_instant(self) -> None:
        start = datetime(2030, 1, 1, tzinfo=UTC)
        until = money.affordable_until(1_000_000_000, 1_000_000, start)
        assert until is not None
        assert until - start >= timedelta(hours=1)
        assert until - start < timedelta(hours=1, seconds=1)


class TestHold:
    @given(RATES, st.integers(60, 86_400))
    def test_covers_its_window_and_no_more_than_a_micro_above(self, rate: int, window_s: int) -> None:
        held = money.hold_micros(rate, window_s)
        cost = money.cumulative_micros(rate, window_s * 1000)
        assert cost <= held <= cost + 1


class TestFee:
    @given(st.lists(AMOUNTS, min_size=1, max_size=20), st.integers(0, 10_000))
    def test_posted_as_differences_it_is_exact_and_never_more_than_what_is_posted(
        self, amounts: list[int], fee_bps: int
    ) -> None:
        total = fees = 0
        for amount in amounts:
            fee = money.fee_micros(total + amount, fee_bps) - money.fee_micros(total, fee_bps)
            assert 0 <= fee <= amount
            total += amount
            fees += fee
        assert fees == total * fee_bps // 10_000


class TestPriceLines:
    @given(
        st.builds(Prices, *[st.integers(0, 10**10)] * 3),
        st.integers(1, 512),
        st.integers(1, 10**6),
        st.integers(1, 10**5),
    )
    def test_running_is_every_line_and_stopped_the_disk(
        self, prices: Prices, vcpus: int, memory_mib: int, disk_gib: int
    ) -> None:
        lines = money.price_lines(prices, Demand(vcpus, memory_mib, disk_gib))
        disk = disk_gib * prices.disk_gib_nanos_per_hour
        memory = memory_mib * prices.memory_gib_nanos_per_hour // 1024
        assert money.running_rate(lines) == vcpus * prices.vcpu_nanos_per_hour + memory + disk
        assert money.stopped_rate(lines) == disk

    def test_gpus_are_a_line_of_their_model_that_stopped_costs_nothing(self) -> None:
        prices = Prices(1, 1024, 1, gpus=(GpuPrice("A100", 900), GpuPrice("RTX 4090", 400)))
        *_, disk, gpu = money.price_lines(prices, Demand(1, 1, 1, 2, "RTX 4090"))
        assert gpu == ("gpu", 2, "RTX 4090", 400, 800)
        assert money.running_rate((disk, gpu)) == 801
        assert money.stopped_rate((disk, gpu)) == 1
