"""Sampling, health checks and log lines, and sending them to a control plane that rejects some."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.agents import VM_ID
from tests.agent.control_plane import HOST_ID, ControlPlane, Refusal
from tests.agent.test_spool import make_points, values

from sharemtc.wire import Accelerator, MetricType
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.database import Database
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.log_lines import LIFECYCLE, LineKeeper, ScrubbingFormatter, scrubbed
from sharemtc_agent.sensors.disk import DiskUsage
from sharemtc_agent.sensors.workload import workload_use
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.telemetry.health import Condition, HealthLog, Starts, Status, run_checks
from sharemtc_agent.telemetry.reporter import Reporter
from sharemtc_agent.telemetry.sampler import Sampler
from sharemtc_agent.telemetry.spool import Sample, Spool

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def make_condition(**changes: object) -> Condition:
    plain: dict[str, object] = {
        "disk": DiskUsage(100, 50, 50, 50 << 30),
        "accelerator": Accelerator.KVM,
        "accelerator_note": "a guest booted",
        "sells_guests": True,
        "clock_offset_s": 0.1,
        "gpus": 0,
        "gpus_lost": (),
        "gpu_trouble": "",
        "starts_last_hour": 1,
    }
    return Condition(**{**plain, **changes})  # type: ignore[arg-type]


def report(plane: ControlPlane, folder: Path, *steps: Callable[[Reporter], Awaitable[None]], points: int = 0) -> Spool:
    """Runs steps with a reporter whose spool has `points` points per batch."""
    spool = Spool(folder / "spool")
    spool.add(Sample(metrics=make_points(points)))

    async def run() -> None:
        key = ensure_key(folder / "key")
        plane.public_key = key.public_key()
        database = Database(folder / "agent.db")
        client = Client(plane.url, key, Sequence(database), host_id=HOST_ID)
        reporter = Reporter(
            client,
            spool,
            Sampler(HOST_ID, folder),
            HealthLog(HOST_ID, folder / "checks.json"),
            LineKeeper(),
            uses=dict,
            look=make_condition,
        )
        try:
            for step in steps:
                await step(reporter)
        finally:
            await client.close()
            database.close()

    asyncio.run(run())
    return spool


class TestSampler:
    def test_host_levels_at_once_and_rates_from_the_second_on(self, tmp_path: Path) -> None:
        sampler = Sampler(HOST_ID, tmp_path)
        first = {point.metric_type: point.value for point in sampler.sample(NOON, {})}
        second = {point.metric_type: point.value for point in sampler.sample(NOON, {})}
        assert MetricType.NETWORK_RX_BYTES_PER_S not in first
        assert second[MetricType.NETWORK_RX_BYTES_PER_S] >= 0
        for metric in (MetricType.CPU_USED_PERCENT, MetricType.MEMORY_USED_MIB, MetricType.LOAD_1M):
            assert metric in first

    def test_a_guests_cpu_is_of_its_own_vcpus(self, tmp_path: Path) -> None:
        sampler = Sampler(HOST_ID, tmp_path)
        disk = tmp_path / "disk.raw"
        disk.write_bytes(b"x" * 8192)
        points: list[float] = []
        for _ in range(2):
            began, end = time.monotonic(), os.times().user + 0.2
            while os.times().user < end:
                pass
            use = workload_use(os.getpid(), disk)
            assert use is not None
            sample = sampler.sample(NOON, {VM_ID: (1, use)})
            share = 100 * 0.2 / (time.monotonic() - began)
            points += [
                each.value
                for each in sample
                if each.resource_id == VM_ID and each.metric_type is MetricType.CPU_USED_PERCENT
            ]
        assert len(points) == 1
        assert share / 2 < points[0] <= 100

    def test_another_process_of_a_guest_begins_anew(self, tmp_path: Path) -> None:
        sampler = Sampler(HOST_ID, tmp_path)
        disk = tmp_path / "disk.raw"
        disk.write_bytes(b"")
        for pid in (os.getpid(), os.getppid()):
            use = workload_use(pid, disk)
            assert use is not None
            sample = sampler.sample(NOON, {VM_ID: (1, use)})
            metrics = {each.metric_type for each in sample if each.resource_id == VM_ID}
            assert MetricType.CPU_USED_PERCENT not in metrics
            assert MetricType.MEMORY_USED_MIB in metrics


class TestReporter:
    def test_what_was_measured_arrives(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.telemetry_interval_s = 77
            seen: list[float] = []

            async def note(reporter: Reporter) -> None:
                seen.append(reporter.interval_s)

            report(plane, tmp_path, Reporter.measure, Reporter.measure, Reporter.send, note)
        (batch,) = plane.batches
        assert {point.resource_id for point in batch.metrics} == {HOST_ID}
        assert {check.check_type for check in batch.health_checks} == {
            "disk_space",
            "agent_restarts",
            "virtualisation",
            "clock",
        }
        assert seen == [77.0]

    def test_nothing_to_say_sends_nothing(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            report(plane, tmp_path, Reporter.send)
        assert plane.batches == []

    def test_stays_while_the_control_plane_is_away_and_follows_in_order(self, tmp_path: Path) -> None:
        async def fail(reporter: Reporter) -> None:
            with pytest.raises(ApiError):
                await reporter.send()

        with ControlPlane() as plane:
            plane.refused["telemetry"] = Refusal(503, "busy")
            spool = report(plane, tmp_path, fail, fail, points=1200)
            assert plane.batches == []
            assert spool.waiting() == 2
            del plane.refused["telemetry"]
            report(plane, tmp_path, Reporter.send)
        assert values(plane.batches) == list(range(1200))
        assert sum(batch.dropped_points for batch in plane.batches) == 0

    def test_points_that_are_named_are_left_out_and_counted(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(422, "impossible", "no", "/metrics/1/value", "/metrics/3/value")]
            report(plane, tmp_path, Reporter.send, points=5)
        (batch,) = plane.batches
        assert [point.value for point in batch.metrics] == [0, 2, 4]
        assert batch.dropped_points == 2

    def test_a_batch_in_which_nothing_is_named_is_given_up_and_the_next_goes(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(422, "invalid", "no")]
            report(plane, tmp_path, Reporter.send, points=501)
        assert [len(batch.metrics) for batch in plane.batches] == [1]
        assert plane.batches[0].dropped_points == 500

    def test_too_large_is_halved_until_it_fits(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(413, "too_large")] * 2
            report(plane, tmp_path, Reporter.send, points=8)
        assert [len(batch.metrics) for batch in plane.batches] == [2, 2, 4]
        assert values(plane.batches) == list(range(8))

    def test_one_point_that_is_too_large_does_not_stop_the_rest(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(413, "too_large")]
            spool = report(plane, tmp_path, Reporter.send, points=1)
        assert spool.waiting() == 0


class TestHealth:
    @pytest.mark.parametrize(
        ("changes", "check", "status"),
        [
            ({}, "disk_space", "ok"),
            ({"disk": DiskUsage(100, 97, 3, 3 << 30)}, "disk_space", "warning"),
            ({"disk": DiskUsage(100, 100, 0, 0)}, "disk_space", "critical"),
            ({}, "virtualisation", "ok"),
            ({"accelerator": Accelerator.TCG}, "virtualisation", "warning"),
            ({"accelerator": None}, "virtualisation", "critical"),
            ({}, "clock", "ok"),
            ({"clock_offset_s": -2.5}, "clock", "warning"),
            ({"clock_offset_s": 31.0}, "clock", "critical"),
            ({"gpus": 2}, "gpus", "ok"),
            ({"gpus": 1, "gpus_lost": ("GPU 1: GPU is lost",)}, "gpus", "critical"),
            ({}, "agent_restarts", "ok"),
            ({"starts_last_hour": 3}, "agent_restarts", "warning"),
            ({"starts_last_hour": 10}, "agent_restarts", "critical"),
        ],
    )
    def test_outcomes(self, changes: dict[str, object], check: str, status: str) -> None:
        assert run_checks(make_condition(**changes))[check][0] == status

    def test_what_a_machine_does_not_have_is_not_checked(self) -> None:
        found = run_checks(make_condition(sells_guests=False, clock_offset_s=None))
        assert set(found) == {"disk_space", "agent_restarts"}

    def test_a_check_that_ran_once_is_critical_when_it_cannot_run(self, tmp_path: Path) -> None:
        trouble = run_checks(make_condition(gpu_trouble="the NVIDIA driver failed to start: Driver Not Loaded"))

        def told(found: dict[str, tuple[Status, str]]) -> list[tuple[str, str]]:
            """From an agent that has just started."""
            reports = HealthLog(HOST_ID, tmp_path / "checks.json").due(found, NOON)
            return [(each.status, each.details) for each in reports if each.check_type == "gpus"]

        assert told(trouble) == [], "a machine that never had GPUs has nothing to check"
        assert told(run_checks(make_condition(gpus=2))) == [("ok", "2 answer")]
        assert told(trouble) == [("critical", "the NVIDIA driver failed to start: Driver Not Loaded")]

    def test_tells_changes_at_once_and_the_rest_now_and_then(self, tmp_path: Path) -> None:
        now = [0.0]
        health = HealthLog(HOST_ID, tmp_path / "checks.json", lambda: now[0])
        good, bad = run_checks(make_condition()), run_checks(make_condition(accelerator=None))
        assert len(health.due(good, NOON)) == len(good)
        assert health.due(good, NOON) == ()
        assert [each.check_type for each in health.due(bad, NOON)] == ["virtualisation"]
        now[0] = 301.0
        assert len(health.due(bad, NOON)) == len(bad)

    def test_starts_are_counted_over_restarts(self, tmp_path: Path) -> None:
        now = [1e9]
        for _ in range(3):
            Starts(tmp_path / "starts", lambda: now[0]).note()
            now[0] += 1500
        assert Starts(tmp_path / "starts", lambda: now[0]).within_an_hour() == 2
        (tmp_path / "starts").write_text("no")
        assert Starts(tmp_path / "starts").within_an_hour() == 0


class TestLogLines:
    def keep(self, *records: tuple[int, str, dict[str, bool] | None]) -> list[tuple[str, str]]:
        keeper, log = LineKeeper(), logging.getLogger("sharemtc_agent.test")
        log.addHandler(keeper)
        before = log.level
        log.setLevel(logging.DEBUG)
        try:
            for level, text, extra in records:
                log.log(level, text, extra=extra)
        finally:
            log.removeHandler(keeper)
            log.setLevel(before)
        return [(line.level, line.message) for line in keeper.take()]

    def test_warnings_and_what_happened_to_the_agent(self) -> None:
        kept = self.keep(
            (logging.INFO, "chatter", None),
            (logging.INFO, "agent starts", LIFECYCLE),
            (logging.WARNING, "odd", None),
            (logging.ERROR, "bad\nnews\x1b[0m", None),
        )
        assert kept == [("info", "agent starts"), ("warning", "odd"), ("error", "bad news\ufffd[0m")]

    def test_is_dated_by_the_platforms_clock(self) -> None:
        keeper = LineKeeper()
        for _ in range(2):
            keeper.emit(logging.makeLogRecord({"levelno": logging.WARNING, "msg": "odd", "name": "x", "created": 1e9}))
        (line, _) = keeper.take(timedelta(hours=-1))
        assert line.at.timestamp() == 1e9 - 3600

    def test_is_bounded(self) -> None:
        kept = self.keep(*((logging.WARNING, str(number), None) for number in range(500)))
        assert [text for _, text in kept] == [str(number) for number in range(300, 500)]

    @pytest.mark.parametrize(
        ("text", "secret"),
        [
            ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
            ("token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJoIn0.c2ln came", "eyJhbGciOiJFZERTQSJ9"),
            ("SHAREMTC_ENROLLMENT_CODE=abcdefghijklmnop", "abcdefghijklmnop"),
            ('{"code": "abcdefghijklmnop"}', "abcdefghijklmnop"),
            ("password: hunter22", "hunter22"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
            ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
            ("run: tool --password hunter22 --verbose", "hunter22"),
            ("run: tool --password 'two words' x", "two words"),
            ('run: tool --api-key "two words" x', "two words"),
            ("run: curl -u me:hunter22 http://x", "hunter22"),
            ("passphrase=hunter22", "hunter22"),
            ("--passphrase=abc", "abc"),
            ("{'private_key': 'two words of it'}", "words of it"),
            ("X-Api-Key: abcdefgh", "abcdefgh"),
            ("Authorization: Token abc", "abc"),
            ("Cookie: session=abc; other=def", "def"),
            ("GET /x?X-Amz-Security-Token=abc%2F&y=1", "abc"),
            ("postgres://me:p@ss@host/x", "p@ss"),
            ("redis://:hunter22@host", "hunter22"),
            ("https://ghp_abcdef@host/x", "ghp_abcdef"),
            ("proxy http://me:hunter22@proxy:80 fails", "hunter22"),
            ("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----", "MC4CAQ"),
        ],
    )
    def test_holds_no_secret(self, text: str, secret: str) -> None:
        assert secret not in scrubbed(text)

    @pytest.mark.parametrize(
        "text",
        [
            "the platform answers 503: busy, code busy",
            "token_expired: The request's token is no longer valid",
            "body_mismatch: The request's body is not the one that was signed",
            "GPU 1: GPU is lost; exit code: 137",
            "vm_01ARZ3NDEKTSV4RRFFQ69G5FAV: stop failed: disk_lost: the disk is not there",
            "reports to https://sharemtc.example/v1, user id 0",
            "run: tool --no-password --verbose",
        ],
    )
    def test_leaves_what_is_no_secret(self, text: str) -> None:
        assert scrubbed(text) == text

    @given(
        name=st.sampled_from(
            ["AWS_SECRET_ACCESS_KEY", "password", "DB_PASSWD", "passphrase", "api-key", "GITHUB_TOKEN", "client_secret"]
        ),
        joint=st.sampled_from(["=", " = ", '="', "='"]),
        secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40),
        around=st.tuples(st.sampled_from(["", "x ", '{"', "--", "\n"]), st.sampled_from(["", " y", "\n", "&z", ";"])),
    )
    def test_no_value_of_a_secret_stays(self, name: str, joint: str, secret: str, around: tuple[str, str]) -> None:
        quote = joint[-1] if joint[-1] in "\"'" else ""
        text = f"{around[0]}{name}{joint}\0{secret}\0{quote}{around[1]}".replace("\0", "<S>")
        found = scrubbed(text)
        assert "<S>" not in found
        assert scrubbed(found) == found, "once is enough"
        assert name in found

    @given(st.text())
    def test_any_text_can_be_scrubbed(self, text: str) -> None:
        assert scrubbed(scrubbed(text)) == scrubbed(text)

    def test_the_log_on_this_machine_holds_none_either(self) -> None:
        try:
            raise ValueError("password=hunter22")
        except ValueError:
            record = logging.makeLogRecord({"msg": "odd --token abc", "exc_info": sys.exc_info()})
        said = ScrubbingFormatter("%(message)s").format(record)
        assert "Traceback" in said
        assert "hunter22" not in said.replace('raise ValueError("password=hunter22")', "")
        assert "abc" not in said
