"""A window that is over before anything is kept is empty, and the store is not even asked.

DynamoDB refuses a range whose end lies before its begin, which the emulators of tests do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.expressions.condition import Condition

from sharemtc import clock
from sharemtc.telemetry import queries
from sharemtc.telemetry.kinds import FIVE_MINUTES_KEPT, HOUR_KEPT, RAW_KEPT, Resolution
from sharemtc.telemetry.queries import Window
from sharemtc.telemetry.table import Chunk, Rollup
from sharemtc.wire import MetricType

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
KEPT = {Resolution.RAW: RAW_KEPT, Resolution.FIVE_MINUTES: FIVE_MINUTES_KEPT, Resolution.HOUR: HOUR_KEPT}


@pytest.fixture(autouse=True)
def time() -> Iterator[None]:
    with clock.set_for_test(now_ms=lambda: clock.to_ms(NOW)):
        yield


class Store:
    """Stands for both kinds of record, and notes the bounds of each query."""

    def __init__(self) -> None:
        self.bounds: list[tuple[str, str]] = []

    def query(self, partition: str, within: Condition, **options: Any) -> Iterator[Any]:
        _, low, high = within.values
        self.bounds.append((low.value["S"], high.value["S"]))
        return iter(())


def asked(window: Window, resolution: Resolution) -> list[tuple[str, str]]:
    store = Store()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rollup, "query", store.query)
        patch.setattr(Chunk, "query", store.query)
        assert queries.series("HOST#1", MetricType.LOAD_1M, window, resolution, 10) == []
    return store.bounds


@pytest.mark.parametrize("resolution", list(Resolution))
def test_window_before_what_is_kept_asks_nothing(resolution: Resolution) -> None:
    end = NOW - KEPT[resolution]
    for back in (timedelta(), timedelta(milliseconds=1), timedelta(days=400)):
        assert asked(Window(end - back - timedelta(hours=1), end - back), resolution) == []
    assert asked(Window(end - timedelta(hours=1), end + timedelta(milliseconds=1)), resolution)


@pytest.mark.parametrize("resolution", list(Resolution))
@given(st.integers(0, 500 * 86_400_000), st.integers(1, 7 * 86_400_000))
def test_no_range_is_ever_reversed(resolution: Resolution, back_ms: int, length_ms: int) -> None:
    with clock.set_for_test(now_ms=lambda: clock.to_ms(NOW)):
        start = NOW - timedelta(milliseconds=back_ms)
        for low, high in asked(Window(start, start + timedelta(milliseconds=length_ms)), resolution):
            assert low <= high
