"""Which prices are far from the market's."""

from __future__ import annotations

import pytest

from sharemtc.admin.price_outliers import outliers
from sharemtc.hosts.pricing.market import HostPrices, Summary, summarise
from sharemtc.money import GpuPrice, Prices

H100 = "NVIDIA H100 80GB HBM3"


def market(*vcpu_rates: int) -> list[Summary]:
    return summarise([HostPrices(Prices(rate, 100, 100), frozenset()) for rate in vcpu_rates])


@pytest.mark.parametrize(("rate", "far"), [(100, False), (500, False), (501, True), (20, False), (19, True), (0, True)])
def test_five_times_the_median_is_the_limit_both_ways(rate: int, far: bool) -> None:
    assert bool(outliers(market(90, 100, 110), Prices(rate, 100, 100), frozenset())) is far


def test_says_what_is_far() -> None:
    (told,) = outliers(market(100, 100, 100), Prices(900, 100, 100), frozenset())
    assert told == "vcpu: 900 nanos per hour, the market's median is 100"


def test_two_hosts_are_no_market() -> None:
    assert outliers(market(100, 10_000), Prices(10_000, 100, 100), frozenset()) == []


def test_gpu_is_compared_with_its_model_and_only_where_there_is_one() -> None:
    given = [HostPrices(Prices(1, 1, 1, 0, (GpuPrice(H100, rate),)), frozenset({H100})) for rate in (100, 100, 100)]
    dear = Prices(1, 1, 1, 0, (GpuPrice(H100, 501),))
    assert outliers(summarise(given), dear, frozenset({H100})) != []
    assert outliers(summarise(given), dear, frozenset()) == []


def test_everything_for_nothing_is_a_market_too() -> None:
    assert outliers(market(0, 0, 0), Prices(0, 100, 100), frozenset()) == []
