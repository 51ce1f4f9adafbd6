"""What silence does to a host, and what it cannot do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.hosts.states import (
    CLOSED,
    TIMED,
    TRANSITIONS,
    HostState,
    Maintenance,
    Presence,
    StateReason,
    due,
    judge,
    presence,
)
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


def window(starts_s: int, ends_s: int) -> Maintenance:
    return Maintenance(NOW + timedelta(seconds=starts_s), NOW + timedelta(seconds=ends_s), "new disks")


class TestMaintenance:
    @pytest.mark.parametrize(("starts_s", "ends_s", "is_open"), [(0, 1, True), (-5, 0, False), (1, 5, False)])
    def test_a_window_holds_from_its_start_until_before_its_end(
        self, starts_s: int, ends_s: int, is_open: bool
    ) -> None:
        expected = HostState.MAINTENANCE if is_open else HostState.READY
        assert judge(HostState.READY, NOW, NOW, SETTINGS, window(starts_s, ends_s)) is expected

    @given(st.sampled_from(HostState), st.integers(0, 100), st.integers(-50, 50), st.integers(-50, 50))
    def test_time_moves_only_along_the_machine_and_only_once(
        self, stored: HostState, silent_s: int, starts_s: int, ends_s: int
    ) -> None:
        heard_at, planned = NOW - timedelta(seconds=silent_s), window(starts_s, ends_s)
        step = due(stored, heard_at, NOW, SETTINGS, planned)
        if step is not None:
            assert step[0] in TRANSITIONS[stored]
            assert due(step[0], heard_at, NOW, SETTINGS, planned) is None

    def test_a_window_that_is_over_gives_the_host_back_as_it_is_heard(self) -> None:
        over = window(-100, -1)
        for silent_s, state in [(0, HostState.READY), (20, HostState.SUSPECT), (40, HostState.OFFLINE)]:
            heard_at = NOW - timedelta(seconds=silent_s)
            step = due(HostState.MAINTENANCE, heard_at, NOW, SETTINGS, over)
            assert step == (state, StateReason.WINDOW_ENDED)
        assert due(HostState.MAINTENANCE, None, NOW, SETTINGS, over) == (HostState.ENROLLED, StateReason.WINDOW_ENDED)

    def test_nothing_comes_back_from_being_retired(self) -> None:
        assert TRANSITIONS[HostState.RETIRED] == frozenset()
        assert all(
            HostState.RETIRED not in after for state, after in TRANSITIONS.items() if state not in (HostState.DRAINING,)
        )
        assert HostState.DRAINING not in CLOSED


class TestPresence:
    @given(st.one_of(st.none(), st.integers(0, 100)))
    def test_is_told_whatever_was_decided(self, silent_s: int | None) -> None:
        heard_at = None if silent_s is None else NOW - timedelta(seconds=silent_s)
        expected = {
            HostState.READY: Presence.LIVE, HostState.SUSPECT: Presence.SUSPECT, HostState.OFFLINE: Presence.OFFLINE
        }[judge(HostState.READY, heard_at or NOW, NOW, SETTINGS)]  # fmt: skip
        assert presence(heard_at, NOW, SETTINGS) is (Presence.NEVER if heard_at is None else expected)
