"""The rule of metering as programs of many steps: exact whatever the order of accruals and rate changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharemtc import money
from sharemtc.billing.metering import Segment, settle, window

START = datetime(2030, 1, 1, tzinfo=UTC)
MICROS = st.integers(0, 10**9)


def at(ms: int) -> datetime:
    return START + timedelta(milliseconds=ms)


class TestWindow:
    @given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=25))
    def test_late_repeated_and_backward_accruals_post_the_closed_form(self, rate: int, untils: list[int]) -> None:
        segment = Segment(rate, START, START, 0)
        posted = 0
        for until in untils:
            part = window(segment, at(until))
            assert part.cost_micros >= 0
            assert part.ended_at >= part.started_at
            posted += part.cost_micros
            segment = segment._replace(posted_until=part.ended_at, posted_micros=posted)
        assert posted == money.cumulative_micros(rate, max(untils))


class TestSettle:
    @given(MICROS, MICROS, MICROS, MICROS)
    def test_nothing_falls_below_zero_and_nothing_is_made(
        self, cost: int, held: int, available: int, target: int
    ) -> None:
        done = settle(cost, held_micros=held, available_micros=available, target_micros=target)
        assert held + done.hold_change_micros >= 0
        assert available + done.wallet_change_micros >= 0
        assert done.paid_micros + done.written_off_micros == cost
        assert done.paid_micros + done.wallet_change_micros + done.hold_change_micros == 0
        if done.written_off_micros:
            assert held + done.hold_change_micros == available + done.wallet_change_micros == 0

    @given(MICROS, MICROS, MICROS)
    def test_closing_gives_the_rest_back(self, cost: int, held: int, available: int) -> None:
        done = settle(cost, held_micros=held, available_micros=available, target_micros=0)
        assert held + done.hold_change_micros == 0
        assert available + done.wallet_change_micros == max(0, held + available - cost)

    @given(MICROS, MICROS)
    def test_the_hold_is_filled_up_again(self, cost: int, target: int) -> None:
        done = settle(cost, held_micros=target, available_micros=cost + target, target_micros=target)
        assert done.hold_change_micros == 0
        assert done.wallet_change_micros == -cost


STEP = st.tuples(st.integers(0, 10**7), st.sampled_from(["accrue", "rate", "again"]), st.integers(0, 10**11))


class TestPrograms:
    @given(st.lists(STEP, max_size=200))
    def test_two_hundred_operations_equal_the_sum_of_their_segments(self, steps: list[tuple[int, str, int]]) -> None:
        now, wallet, hold, paid, due = 0, 10**15, 0, 0, 0
        segment, segment_start = Segment(0, START, START, 0), 0
        for elapsed, what, rate in steps:
            now += 0 if what == "again" else elapsed
            part = window(segment, at(now))
            done = settle(part.cost_micros, held_micros=hold, available_micros=wallet, target_micros=rate % 10**6)
            wallet, hold, paid = (
                wallet + done.wallet_change_micros,
                hold + done.hold_change_micros,
                paid + done.paid_micros,
            )
            segment = segment._replace(
                posted_until=part.ended_at, posted_micros=segment.posted_micros + part.cost_micros
            )
            if what == "rate":
                due += money.cumulative_micros(segment.rate_nanos_per_hour, now - segment_start)
                segment, segment_start = Segment(rate, at(now), at(now), 0), now
        due += money.cumulative_micros(segment.rate_nanos_per_hour, now - segment_start)
        paid += window(segment, at(now)).cost_micros
        assert paid == due
        assert wallet + hold + paid - window(segment, at(now)).cost_micros == 10**15
