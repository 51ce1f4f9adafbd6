"""What silence does to a host, and what it cannot do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.hosts.states import TIMED, HostState, judge
from sharemtc.settings import Settings

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SETTINGS = Settings()


class TestJudge:
    @pytest.mark.parametrize(
        ("silent_s", "expected"),
        [
            (0, HostState.READY),
            (15, HostState.READY),
            (16, HostState.SUSPECT),
            (30, HostState.SUSPECT),
            (31, HostState.OFFLINE),
        ],
    )
    def test_silence_moves_from_ready_to_offline(self, silent_s: int, expected: HostState) -> None:
        assert judge(HostState.READY, NOW - timedelta(seconds=silent_s), NOW, SETTINGS) is expected

    @given(st.sampled_from(sorted(set(HostState) - TIMED)), st.integers(0, 10**6))
    def test_what_people_decided_stays(self, state: HostState, silent_s: int) -> None:
        assert judge(state, NOW - timedelta(seconds=silent_s), NOW, SETTINGS) is state

    @given(st.integers(-10_000, 0))
    def test_a_clock_that_stepped_back_silences_nobody(self, ahead_s: int) -> None:
        assert judge(HostState.READY, NOW - timedelta(seconds=ahead_s), NOW, SETTINGS) is HostState.READY
