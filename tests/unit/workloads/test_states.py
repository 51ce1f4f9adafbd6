"""A VM's one word, what may be done, and its timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.hosts.states import HostState
from sharemtc.wire import Verb
from sharemtc.workloads.states import DESIRED_AFTER, ENDED, Observed, PhaseState, Status, actions, phases, status

START = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = ("queued", "placing", "preparing", "booting", "ready")


class TestStatus:
    @pytest.mark.parametrize(
        ("observed", "operation", "expected"),
        [
            (Observed.PENDING, Verb.CREATE, Status.PENDING),
            (Observed.PROVISIONING, Verb.CREATE, Status.PROVISIONING),
            (Observed.RUNNING, None, Status.RUNNING),
            (Observed.RUNNING, Verb.STOP, Status.STOPPING),
            (Observed.STOPPED, None, Status.STOPPED),
            (Observed.STOPPED, Verb.START, Status.STARTING),
            (Observed.RUNNING, Verb.REBOOT, Status.REBOOTING),
            (Observed.PENDING, Verb.TERMINATE, Status.TERMINATING),
            (Observed.TERMINATED, None, Status.TERMINATED),
            (Observed.LOST, Verb.STOP, Status.LOST),
        ],
    )
    def test_says_what_is_under_way(self, observed: Observed, operation: Verb | None, expected: Status) -> None:
        assert status(observed, operation) is expected

    @given(st.sampled_from(Observed), st.none() | st.sampled_from(Verb))
    def test_what_is_over_allows_nothing_and_all_else_can_be_ended(
        self, observed: Observed, operation: Verb | None
    ) -> None:
        now = status(observed, operation)
        if observed in ENDED or operation is Verb.TERMINATE:
            assert actions(now, HostState.READY) == ()
        else:
            assert Verb.TERMINATE in actions(now, HostState.OFFLINE)

    def test_every_verb_says_what_it_wants(self) -> None:
        assert set(DESIRED_AFTER) == set(Verb)


class TestPhases:
    @given(st.lists(st.booleans(), min_size=5, max_size=5), st.booleans())
    def test_the_last_begun_is_active_and_all_before_it_done(self, begun: list[bool], over: bool) -> None:
        starts = {
            name: START + timedelta(seconds=index) if is_begun else None
            for index, (name, is_begun) in enumerate(zip(NAMES, begun, strict=True))
        }
        now = START + timedelta(seconds=10)
        rows = phases(starts, over_at=now if over else None, now=now)
        states = [row.state for row in rows]
        if not any(begun):
            assert states == [PhaseState.WAITING] * 5
            return
        last = max(index for index, is_begun in enumerate(begun) if is_begun)
        assert states[:last] == [PhaseState.DONE] * last
        assert states[last + 1 :] == [PhaseState.WAITING] * (4 - last)
        if last == 4:
            assert states[last] is PhaseState.DONE
        else:
            assert states[last] is (PhaseState.FAILED if over else PhaseState.ACTIVE)
        assert all(row.elapsed_ms is None or row.elapsed_ms >= 0 for row in rows)
