"""The reliability formula: bounded, monotone, blind to order, and the same from its own report."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.hosts.reliability.schemas import ReliabilityReport
from sharemtc.hosts.reliability.score import MIN_NOTICE, Announced, Downtime, Inputs, Score, main, score

NOW = datetime(2030, 1, 31, tzinfo=UTC)
BEGAN = NOW - timedelta(days=40)
MINUTES = st.integers(0, 40 * 24 * 60)


def at(minutes: int) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


@st.composite
def downtime(draw: st.DrawFn) -> Downtime:
    first, second = sorted(draw(st.tuples(MINUTES, MINUTES)))
    return Downtime(at(first), at(second) if draw(st.integers(0, 9)) else None, "silence")


@st.composite
def window(draw: st.DrawFn) -> Announced:
    first, second = sorted(draw(st.tuples(MINUTES, MINUTES)))
    return Announced(at(first) - timedelta(minutes=draw(st.integers(0, 240))), at(first), at(second))


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    downtimes, windows = draw(st.lists(downtime(), max_size=8)), draw(st.lists(window(), max_size=4))
    return Inputs(at(draw(MINUTES)), NOW, tuple(downtimes), tuple(windows))


def of(*downtimes: Downtime, maintenance: tuple[Announced, ...] = ()) -> Score:
    return score(Inputs(BEGAN, NOW, downtimes, maintenance))


class TestScore:
    @given(inputs())
    def test_stays_within_bounds(self, given: Inputs) -> None:
        found = score(given)
        assert 0 <= found.score_percent <= found.uptime_percent <= 100
        assert 0 <= found.down_ms <= found.window_ms

    @given(inputs(), st.randoms())
    def test_does_not_depend_on_order(self, given: Inputs, random: object) -> None:
        downtimes, windows = list(given.downtimes), list(given.maintenance)
        random.shuffle(downtimes)  # type: ignore[attr-defined]
        random.shuffle(windows)  # type: ignore[attr-defined]
        assert score(given._replace(downtimes=tuple(downtimes), maintenance=tuple(windows))) == score(given)

    @given(inputs(), downtime())
    def test_never_rises_with_another_downtime(self, given: Inputs, more: Downtime) -> None:
        assert score(given._replace(downtimes=(*given.downtimes, more))).score_percent <= score(given).score_percent

    @given(inputs(), st.integers(0, 7), st.integers(0, 10_000), st.integers(0, 10_000))
    def test_never_rises_with_a_longer_downtime(self, given: Inputs, which: int, before: int, after: int) -> None:
        if not given.downtimes:
            return
        index = which % len(given.downtimes)
        one = given.downtimes[index]
        longer = Downtime(
            one.started_at - timedelta(minutes=before),
            one.ended_at and one.ended_at + timedelta(minutes=after),
            one.reason,
        )
        rest = given.downtimes[:index] + given.downtimes[index + 1 :]
        assert score(given._replace(downtimes=(*rest, longer))).score_percent <= score(given).score_percent

    @given(inputs())
    def test_is_reproducible_from_its_report(self, given: Inputs) -> None:
        report = ReliabilityReport.of("hst_x", given, score(given)).model_dump_json()
        document = json.loads(report)
        assert document["score_percent"] == score(given).score_percent


class TestTerms:
    def test_nothing_happened(self) -> None:
        assert (of().score_percent, of().interruptions, of().provisional) == (100.0, 0, False)

    def test_three_days_of_thirty(self) -> None:
        found = of(Downtime(NOW - timedelta(days=18), NOW - timedelta(days=15), "silence"))
        assert (found.uptime_percent, found.penalty, found.score_percent) == (90.0, 0.5, 89.5)

    def test_what_was_announced_ahead_does_not_count(self) -> None:
        since, to = NOW - timedelta(days=2), NOW - timedelta(days=1)
        down = Downtime(since, to, "silence")
        ahead = Announced(since - MIN_NOTICE, since, to)
        assert of(down, maintenance=(ahead,)).score_percent == 100
        late = ahead._replace(announced_at=since - MIN_NOTICE + timedelta(seconds=1))
        assert of(down, maintenance=(late,)).score_percent < 97

    def test_what_outlasts_its_window_counts_from_there(self) -> None:
        since = NOW - timedelta(days=2)
        found = of(
            Downtime(since, NOW, "silence"),
            maintenance=(Announced(since - MIN_NOTICE, since, NOW - timedelta(hours=12)),),
        )
        assert (found.down_ms, found.interruptions) == (12 * 3_600_000, 1)

    def test_young_hosts_are_provisional(self) -> None:
        assert score(Inputs(NOW - timedelta(days=6), NOW, (), ())).provisional

    def test_many_interruptions_cost_at_most_the_limit(self) -> None:
        flaps = [Downtime(NOW - timedelta(minutes=n + 1), NOW - timedelta(minutes=n, seconds=1), "") for n in range(90)]
        assert of(*flaps).penalty == 20


class TestCommand:
    def document(self, path: Path, **changes: object) -> str:
        given = Inputs(BEGAN, NOW, (Downtime(NOW - timedelta(days=18), NOW - timedelta(days=15), "silence"),), ())
        report = json.loads(ReliabilityReport.of("hst_x", given, score(given)).model_dump_json())
        path.write_text(json.dumps({**report, **changes}))
        return str(path)

    def test_prints_the_terms(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([self.document(tmp_path / "r.json")]) == 0
        assert "score_percent   89.50" in capsys.readouterr().out

    def test_says_that_a_file_is_wrong(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([self.document(tmp_path / "r.json", score_percent=99.0)]) == 1
        assert "the file says   99.00" in capsys.readouterr().out
