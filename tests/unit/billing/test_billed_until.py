"""The rule of what is billed, and of what a heartbeat after a gap proves. Random hosts, without storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc import clock, money
from sharemtc.billing import billed_until as rule
from sharemtc.billing import meters
from sharemtc.billing.billed_until import ProvenInterval, billed_until
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.table import Meter
from sharemtc.hosts.liveness import continuity
from sharemtc.hosts.liveness.continuity import ran_through, uptime_starts_ms
from sharemtc.hosts.table import Lease
from sharemtc.hosts.values import Gap
from sharemtc.wire import Workload, WorkloadState

START = datetime(2030, 1, 1, tzinfo=UTC)
VM = "vm_" + "0" * 26


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def workload(state: WorkloadState = WorkloadState.RUNNING, **more: Any) -> Workload:
    return Workload(id=VM, generation=1, state=state, **more)


def meter(kind: SegmentKind = SegmentKind.RUNNING, **more: Any) -> Meter:
    given: dict[str, Any] = {"rate_nanos_per_hour": 3_600_000_000, "segment_started_at": START, "posted_until": START}
    return Meter("x", "METER", resource_id=VM, kind=kind, segment_posted_micros=0, posted_micros=0, **given | more)


def lease(*workloads: Workload, seen: float, **more: Any) -> Lease:
    return Lease("x", "LEASE", seq=1, workloads=workloads, last_seen_at=at(seen), **more)


def unposted(given: Meter, known: Lease, gaps: Sequence[Gap] = ()) -> list[ProvenInterval]:
    return rule.unposted(given, known, gaps)


class TestUnposted:
    def test_runs_up_to_the_last_heartbeat_that_listed_it(self) -> None:
        assert unposted(meter(), lease(workload(), seen=60)) == [ProvenInterval(at(0), at(60))]

    @pytest.mark.parametrize("listed", [(), (workload(WorkloadState.STOPPED),)])
    def test_what_is_not_listed_as_running_ran_until_the_last_heartbeat_that_did(self, listed: Any) -> None:
        known = lease(*listed, seen=60, last_running={VM: at(40)})
        assert unposted(meter(), known) == [ProvenInterval(at(0), at(40))]
        assert unposted(meter(), lease(*listed, seen=60)) == []

    def test_what_is_stopped_is_billed_while_it_is_listed_at_all(self) -> None:
        stopped = meter(SegmentKind.STOPPED)
        for state in WorkloadState:
            assert unposted(stopped, lease(workload(state), seen=60)) == [ProvenInterval(at(0), at(60))]
        assert unposted(stopped, lease(seen=60, last_listed={VM: at(30)})) == [ProvenInterval(at(0), at(30))]
        assert unposted(stopped, lease(seen=60)) == []

    def test_nothing_is_owed_past_the_request(self) -> None:
        assert unposted(meter(ends_at=at(12)), lease(workload(), seen=60)) == [ProvenInterval(at(0), at(12))]

    def test_a_gap_is_left_out_unless_it_was_run_through(self) -> None:
        gap = Gap(at(10), at(50))
        assert unposted(meter(), lease(workload(), seen=60), [gap]) == [
            ProvenInterval(at(0), at(10)),
            ProvenInterval(at(50), at(60)),
        ]
        proven = gap._replace(proven=(VM,))
        assert unposted(meter(), lease(workload(), seen=60), [proven]) == [ProvenInterval(at(0), at(60))]

    def test_a_segment_that_began_in_a_gap_is_billed_from_its_end(self) -> None:
        begun = meter(segment_started_at=at(20), posted_until=at(20))
        assert unposted(begun, lease(workload(), seen=60), [Gap(at(10), at(50))]) == [ProvenInterval(at(50), at(60))]

    def test_what_was_away_for_a_heartbeat_is_not_billed_for_it(self) -> None:
        away = Gap(at(10), at(30), only=(VM,), absent_at=at(20))
        known = lease(workload(), seen=60)
        assert unposted(meter(), known, [away]) == [ProvenInterval(at(0), at(10)), ProvenInterval(at(30), at(60))]
        started_since = meter(segment_started_at=at(25), posted_until=at(25))
        assert unposted(started_since, known, [away]) == [ProvenInterval(at(25), at(60))]
        other = away._replace(only=("vm_other",))
        assert unposted(meter(), known, [other]) == [ProvenInterval(at(0), at(60))]

    @given(
        beats=st.lists(st.integers(1, 60), min_size=1, max_size=30),
        posted=st.integers(0, 200),
        asked=st.none() | st.integers(0, 1500),
    )
    def test_bills_exactly_the_time_between_heartbeats_that_followed_each_other(
        self, beats: list[int], posted: int, asked: int | None
    ) -> None:
        """Against a sum over the heartbeats themselves, second by second."""
        now, covered, gaps = 0, set[int](), list[Gap]()
        for step in beats:
            if step > 15:
                gaps.append(Gap(at(now), at(now + step)))
            else:
                covered |= set(range(now, now + step))
            now += step
        expected = {one for one in covered if one >= posted and (asked is None or one < asked)}
        known = lease(workload(), seen=now)
        given = meter(posted_until=at(posted), ends_at=None if asked is None else at(asked))
        stretches = unposted(given, known, gaps)
        billed = {
            second
            for one in stretches
            for second in range(
                int((one.started_at - START).total_seconds()), int((one.ended_at - START).total_seconds())
            )
        }
        assert billed == expected
        assert billed_until(given, stretches) >= at(posted)
        assert meters.billed_ms(meter(billed_ms=0), stretches) == 1000 * len(expected)
        rate = given.rate_nanos_per_hour
        assert meters.cost_micros(given, stretches) <= money.cumulative_micros(rate, 1000 * (len(expected) + posted))


class TestContinuity:
    def through(self, base: Workload, after: Workload, *, gap_s: float, base_s: float = 100) -> tuple[str, ...]:
        known = uptime_starts_ms((base,), clock.to_ms(at(base_s)))
        return ran_through((base,), known, (after,), uptime_starts_ms((after,), clock.to_ms(at(base_s + gap_s))))

    def test_the_same_boot_whose_uptime_grew_by_the_gap_ran_through(self) -> None:
        base = workload(boot_id="a", uptime_ms=50_000)
        assert self.through(base, workload(boot_id="a", uptime_ms=170_000), gap_s=120) == (VM,)

    @pytest.mark.parametrize(
        "after",
        [
            workload(boot_id="b", uptime_ms=170_000),
            workload(boot_id="a", uptime_ms=160_000),
            workload(boot_id="a", uptime_ms=50_000),
            workload(boot_id="a"),
            workload(uptime_ms=170_000),
            workload(WorkloadState.STOPPED, boot_id="a", uptime_ms=170_000),
        ],
    )
    def test_all_else_did_not(self, after: Workload) -> None:
        assert self.through(workload(boot_id="a", uptime_ms=50_000), after, gap_s=120) == ()

    def test_what_was_not_listed_before_did_not(self) -> None:
        after = workload(boot_id="a", uptime_ms=170_000)
        assert ran_through((), {}, (after,), uptime_starts_ms((after,), clock.to_ms(at(220)))) == ()

    @given(grown_ms=st.integers(0, 400_000), gap_ms=st.integers(15_001, 200_000))
    def test_a_pause_longer_than_the_tolerance_is_seen(self, grown_ms: int, gap_ms: int) -> None:
        base = workload(boot_id="a", uptime_ms=1_000_000)
        after = workload(boot_id="a", uptime_ms=1_000_000 + grown_ms)
        assert bool(self.through(base, after, gap_s=gap_ms / 1000)) == (grown_ms >= gap_ms - continuity.TOLERANCE_MS)
