"""Price versions: what holds at an instant is a function of the versions and the instant, and the past stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sharemtc.hosts.pricing.market import HostPrices, MarketItem, median, summarise
from sharemtc.hosts.pricing.rules import DEFAULT_BONUS, current, from_now_on
from sharemtc.hosts.values import NetworkBonus, PriceVersion, bonus_bps
from sharemtc.money import GpuPrice, Prices

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
offsets = st.integers(-10_000, 10_000)
books = st.lists(offsets, min_size=1, max_size=12).map(
    lambda seconds: [PriceVersion(number, at(second), Prices(number, 0, 0)) for number, second in enumerate(seconds, 1)]
)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


class TestCurrent:
    @given(books, offsets)
    def test_is_the_latest_in_effect_and_the_newer_of_one_instant(self, book: list[PriceVersion], now: int) -> None:
        found = current(book, at(now))
        in_effect = [one for one in book if one.effective_at <= at(now)]
        if not in_effect:
            assert found.effective_at == min(one.effective_at for one in book)
            return
        assert found in in_effect
        assert all((one.effective_at, one.version) <= (found.effective_at, found.version) for one in in_effect)

    @given(books, offsets, st.integers(0, 20_000))
    def test_forgetting_what_is_over_changes_nothing_from_then_on(
        self, book: list[PriceVersion], now: int, later_by: int
    ) -> None:
        kept = from_now_on(book, at(now))
        assert current(kept, at(now + later_by)) == current(book, at(now + later_by))

    @given(books, offsets, st.integers(0, 10_000))
    def test_a_new_version_never_changes_what_was_asked_before(
        self, book: list[PriceVersion], now: int, ago: int
    ) -> None:
        # a version is published for now at the earliest
        added = PriceVersion(len(book) + 1, at(now), Prices(0, 0, 0))
        before = at(now - ago - 1)
        if any(one.effective_at <= before for one in book):
            assert current([*book, added], before) == current(book, before)

    def test_is_stored_and_read_again_and_prices_of_before_books_too(self) -> None:
        prices = Prices(1, 2, 3, 4, (GpuPrice("A100", 5),))
        adapter = TypeAdapter(tuple[PriceVersion, ...])
        stored = (PriceVersion(1, NOON, prices, DEFAULT_BONUS),)
        assert adapter.validate_json(adapter.dump_json(stored)) == stored
        assert TypeAdapter(Prices).validate_json("[1,2,3]") == Prices(1, 2, 3, 0, ())


class TestBonus:
    def test_is_of_the_highest_row_that_the_link_reaches(self) -> None:
        speeds = {None: 0, 100: 0, 499: 0, 500: 1000, 999: 1000, 1000: 2000, 100_000: 2000}
        assert {mbps: bonus_bps(DEFAULT_BONUS, mbps) for mbps in speeds} == speeds

    def test_comes_from_the_rows_of_the_book(self) -> None:
        assert bonus_bps((NetworkBonus(200, 50),), 200) == 50
        assert bonus_bps((), 10_000) == 0


class TestMarket:
    @given(st.lists(st.integers(0, 10**12), min_size=1))
    def test_a_median_is_whole_and_splits_what_is_asked(self, rates: list[int]) -> None:
        middle = median(rates)
        assert min(rates) <= middle <= max(rates)
        assert sum(rate <= middle for rate in rates) * 2 >= len(rates)
        assert sum(rate >= middle for rate in rates) * 2 >= len(rates)

    def test_an_even_number_has_the_floored_mean(self) -> None:
        assert median([4, 1]) == 2
        assert median([3, 1, 2]) == 2

    def test_a_gpu_counts_where_it_is_for_sale_and_priced(self) -> None:
        both = Prices(10, 2, 3, 4, (GpuPrice("A100", 50), GpuPrice("H100", 90)))
        found = summarise([HostPrices(both, frozenset({"A100"})), HostPrices(Prices(20, 2, 3), frozenset({"H100"}))])
        assert [(one.item, one.model) for one in found][-1] == (MarketItem.GPU, "A100")
        vcpu = found[0]
        assert (vcpu.hosts, vcpu.low_nanos_per_hour, vcpu.median_nanos_per_hour, vcpu.high_nanos_per_hour) == (
            2, 10, 15, 20,
        )  # fmt: skip
        assert len(found) == 5

    def test_nobody_asks_nothing(self) -> None:
        assert summarise([]) == []
