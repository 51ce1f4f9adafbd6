import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.agents import agent_environment
from tests.agent.control_plane import HOST_ID

from sharemtc.wire import MAX_POINTS, HealthReport, LogLine, MetricPoint, MetricType, TelemetryBatch
from sharemtc_agent.telemetry.spool import Sample, Spool, new_batch_id

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def make_points(count: int, start: int = 0) -> tuple[MetricPoint, ...]:
    return tuple(
        MetricPoint(
            resource_id=HOST_ID,
            metric_type=MetricType.LOAD_1M,
            value=index,
            captured_at=NOON + timedelta(seconds=index),
        )
        for index in range(start, start + count)
    )


def drain(spool: Spool) -> list[TelemetryBatch]:
    """All batches, as they would be sent."""
    taken: list[TelemetryBatch] = []
    for _ in range(10_000):
        kept = spool.oldest()
        if kept is None:
            spool.seal()
            kept = spool.oldest()
        if kept is None:
            return taken
        spool.remove(kept[0])
        taken.append(kept[1])
    raise AssertionError("it does not end")


def values(batches: list[TelemetryBatch]) -> list[float]:
    return [point.value for batch in batches for point in batch.metrics]


class TestOrder:
    @given(st.lists(st.integers(0, 1300), max_size=12))
    def test_all_comes_out_once_in_order_and_in_batches_that_fit(self, sizes: list[int]) -> None:
        folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"spool-{new_batch_id(time.time())}"
        spool, start = Spool(folder), 0
        for size in sizes:
            spool.add(Sample(metrics=make_points(size, start)))
            start += size
        batches = drain(spool)
        assert values(batches) == list(range(start))
        assert all(len(batch.metrics) <= MAX_POINTS for batch in batches)
        assert len({batch.batch_id for batch in batches}) == len(batches)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    def test_checks_and_lines_go_with_the_points(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        check = HealthReport(resource_id=HOST_ID, check_type="clock", status="ok", checked_at=NOON)
        line = LogLine(at=NOON, level="warning", source="daemon", message="a word")
        spool.add(Sample(metrics=make_points(2), health_checks=(check,) * 130, logs=(line,) * 250))
        batches = drain(spool)
        assert sum(len(batch.health_checks) for batch in batches) == 130
        assert sum(len(batch.logs) for batch in batches) == 250
        assert values(batches) == [0, 1]


class TestSurvival:
    def test_what_was_added_is_there_after_a_restart(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        spool.add(Sample(metrics=make_points(3)))
        spool.seal()
        spool.add(Sample(metrics=make_points(2, 3)))
        assert values(drain(Spool(tmp_path))) == [0, 1, 2, 3, 4]

    def test_kill_while_it_writes_loses_half_a_line_at_most(self, tmp_path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from tests.agent.test_spool import *\n"
            "spool = Spool(Path(sys.argv[1]))\n"
            "for n in range(10**6):\n"
            "    spool.add(Sample(metrics=make_points(1, n)))\n"
            "    print(n, flush=True)\n"
        )
        argv = [sys.executable, "-c", program, str(tmp_path)]
        with subprocess.Popen(argv, env=agent_environment(), stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            said = [int(writer.stdout.readline()) for _ in range(700)]
            writer.send_signal(signal.SIGKILL)
            said += [int(line) for line in writer.stdout if line.endswith("\n")]
        kept = values(drain(Spool(tmp_path)))
        assert kept == list(range(len(kept)))
        assert len(kept) >= len(said)

    def test_half_a_line_is_left_out(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        spool.add(Sample(metrics=make_points(2)))
        segment = next(tmp_path.glob("*.jsonl"))
        segment.write_bytes(segment.read_bytes() + b'{"metrics": [{"res')
        assert values(drain(Spool(tmp_path))) == [0, 1]

    def test_kill_between_sealing_and_forgetting_doubles_nothing(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        spool.add(Sample(metrics=make_points(2)))
        segment = next(tmp_path.glob("*.jsonl"))
        content = segment.read_bytes()
        spool.seal()
        segment.write_bytes(content)
        assert values(drain(Spool(tmp_path))) == [0, 1]

    @pytest.mark.parametrize("half", ["a", "b"])
    def test_kill_in_the_middle_of_a_split_doubles_nothing(self, tmp_path: Path, half: str) -> None:
        spool = Spool(tmp_path)
        spool.add(Sample(metrics=make_points(4)))
        spool.seal()
        kept = spool.oldest()
        assert kept is not None
        file, batch = kept
        whole = file.read_bytes()
        first, second = (
            batch.model_copy(update={"metrics": part, "batch_id": new_batch_id(1.0)})
            for part in (batch.metrics[:2], batch.metrics[2:])
        )
        spool.split(file, first, second)
        file.write_bytes(whole)
        if half == "a":
            next(tmp_path.glob("*b-*.gz")).unlink()
        assert values(drain(Spool(tmp_path))) == [0, 1, 2, 3]


class TestBounds:
    def test_the_oldest_goes_when_there_is_too_much_and_is_counted(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path, max_bytes=4000)
        for index in range(20):
            spool.add(Sample(metrics=make_points(100, index * 100)))
            spool.seal()
        spool.add(Sample())
        assert sum(file.stat().st_size for file in tmp_path.glob("*.gz")) <= 4000
        batches = drain(Spool(tmp_path))
        kept = values(batches)
        assert kept == list(range(2000 - len(kept), 2000))
        assert 0 < batches[0].dropped_points == 2000 - len(kept)
        assert sum(batch.dropped_points for batch in batches) == batches[0].dropped_points

    def test_what_is_too_old_goes(self, tmp_path: Path) -> None:
        """By the points' times and the control plane's clock, once known."""
        spool = Spool(tmp_path, max_age_s=3600)
        last_s = 0.0
        for index in range(2):
            points = make_points(5, index * 5)
            later = [each.model_copy(update={"captured_at": NOON + timedelta(hours=2 * index)}) for each in points]
            spool.add(Sample(metrics=tuple(later)))
            spool.seal()
            last_s = later[-1].captured_at.timestamp()
        kept = spool.oldest(last_s + 3599)
        assert kept is not None
        assert values([kept[1]]) == [5, 6, 7, 8, 9]
        assert kept[1].dropped_points == 5
        assert spool.oldest(last_s + 3601) is None

    def test_no_clock_of_this_machine_drops_anything(self, tmp_path: Path) -> None:
        now = [time.time()]
        for step_s in (0, 3 * 86_400, -6 * 86_400):
            now[0] += step_s
            spool = Spool(tmp_path, clock_s=lambda: now[0])
            spool.add(Sample(metrics=make_points(5)))
            spool.seal()
            for file in tmp_path.glob("*.gz"):
                os.utime(file, (0, 0))
        spool.add(Sample(metrics=make_points(1)))
        assert spool.waiting() == 3
        kept = spool.oldest(NOON.timestamp() + 60)
        assert kept is not None
        assert kept[1].dropped_points == 0

    def test_what_was_dropped_is_told_once_even_if_the_telling_batch_goes_too(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        for index in range(2):
            spool.add(Sample(metrics=make_points(10, index * 10)))
            spool.seal()
        kept = spool.oldest()
        assert kept is not None
        spool.drop(kept[0])
        told = spool.oldest()
        assert told is not None
        assert told[1].dropped_points == 10
        spool.drop(told[0])
        spool.add(Sample(metrics=make_points(1, 20)))
        assert [batch.dropped_points for batch in drain(Spool(tmp_path))] == [20]

    def test_a_damaged_batch_is_left_out_and_counted(self, tmp_path: Path) -> None:
        spool = Spool(tmp_path)
        for index in range(2):
            spool.add(Sample(metrics=make_points(10, index * 10)))
            spool.seal()
        min(tmp_path.glob("*.gz")).write_bytes(b"\x1f\x8bno")
        batches = drain(spool)
        assert values(batches) == list(range(10, 20))
        assert batches[0].dropped_points == 10


class TestBatchIds:
    def test_sort_by_time_and_are_as_the_wire_wants(self) -> None:
        ids = [new_batch_id(seconds) for seconds in (0.0, 1.0, 2e9)]
        assert ids == sorted(ids)
        assert all(TelemetryBatch(batch_id=each) for each in ids)
