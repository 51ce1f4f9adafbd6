"""Telemetry read back: by whom, how finely, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck as Suppressed
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.clock import Time
from tests.support.measuring import GPU, ago, as_operator, batch, check, line, measure, point, read, values
from tests.support.world import Host as Machine
from tests.support.world import Person, World

from sharemtc import clock
from sharemtc.hosts.table import Host, host_key
from sharemtc.schemas import rfc3339
from sharemtc.telemetry import service, writes
from sharemtc.telemetry.queue_messages import BatchPart, messages
from sharemtc.telemetry.table import Rollup, TelemetryRecord
from sharemtc.wire import MetricType, TelemetryBatch

METRICS, CHECKS, LOGS = "/v1/resources/metrics", "/v1/resources/health-checks", "/v1/resources/agent-logs"


class TestSeries:
    def test_each_window_gets_the_finest_steps_that_it_bears(
        self, world: World, provider: Person, host: Machine
    ) -> None:
        measure(world, host, metrics=[point(host.id, value, ago(minutes=value)) for value in (1, 2, 8)])
        for more, resolution, resolution_s in [
            ("", "raw", 60),
            (f"&from={ago(hours=2)}", "raw", 60),
            (f"&from={ago(hours=2.1)}", "5m", 300),
            (f"&from={ago(days=7)}", "5m", 300),
            (f"&from={ago(days=7.1)}", "1h", 3600),
            (f"&from={ago(hours=49)}&to={ago(hours=48)}", "5m", 300),
            (f"&from={ago(days=31)}&to={ago(days=30)}", "1h", 3600),
        ]:
            answer = read(provider, "host", host.id, more=more).json
            assert (answer["resolution"], answer["resolution_s"]) == (resolution, resolution_s), more

    def test_steps_carry_mean_and_extremes(self, world: World, provider: Person, host: Machine) -> None:
        measure(world, host, metrics=[point(host.id, value, ago(minutes=value)) for value in (1, 2, 8)])
        steps = read(provider, "host", host.id, more="&resolution=5m").json["items"]
        assert steps == [
            {"captured_at": "2030-01-31T11:50:00.000Z", "value": 8, "min": 8, "max": 8, "samples": 1},
            {"captured_at": "2030-01-31T11:55:00.000Z", "value": 1.5, "min": 1, "max": 2, "samples": 2},
        ]
        (hour,) = read(provider, "host", host.id, more="&resolution=1h&from=2030-01-31T11:00:00Z").json["items"]
        assert (hour["captured_at"], hour["min"], hour["max"], hour["samples"]) == ("2030-01-31T11:00:00.000Z", 1, 8, 3)
        assert hour["value"] == pytest.approx(11 / 3)

    def test_gaps_and_empty_windows_stay(self, world: World, provider: Person, host: Machine) -> None:
        measure(world, host, metrics=[point(host.id, 1, ago(minutes=50)), point(host.id, 2)])
        assert len(values(read(provider, "host", host.id, more="&resolution=5m"))) == 2
        assert values(read(provider, "host", host.id, metric="load_1m")) == []
        assert values(read(provider, "host", host.id, more="&from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")) == []

    @pytest.mark.parametrize("resolution", ["raw", "5m", "1h"])
    def test_pages_follow_each_other_while_time_goes_on(
        self, world: World, provider: Person, host: Machine, resolution: str
    ) -> None:
        measure(world, host, metrics=[point(host.id, n % 100, ago(minutes=25 * n)) for n in range(70)])
        whole = f"&from={ago(hours=30)}&resolution={resolution}"
        everything = values(read(provider, "host", host.id, more=whole))
        found: list[float] = []
        cursor = ""
        while True:
            answer = read(provider, "host", host.id, more=f"{whole}&limit=7{cursor}")
            found += values(answer)
            world.time.advance(timedelta(seconds=1))
            if answer.json["next_cursor"] is None:
                break
            cursor = f"&cursor={answer.json['next_cursor']}"
        assert found == everything
        assert len(found) == {"raw": 70, "5m": 70, "1h": 30}[resolution]

    def test_what_is_past_its_time_is_not_shown(self, world: World, provider: Person, host: Machine) -> None:
        measure(world, host, metrics=[point(host.id, 1)])
        at = ago(minutes=1)
        world.time.advance(timedelta(hours=48, minutes=2))
        assert values(read(provider, "host", host.id, more=f"&from={at}&resolution=raw")) == []
        assert values(read(provider, "host", host.id, more=f"&from={at}&resolution=5m")) == [1]
        world.time.advance(timedelta(days=29))
        assert values(read(provider, "host", host.id, more=f"&from={at}&resolution=5m")) == []
        hours = f"&from=2030-01-31T00:00:00Z&to={ago()}&resolution=1h"
        assert values(read(provider, "host", host.id, more=hours)) == [1]
        world.time.advance(timedelta(days=366))
        hours = "&from=2030-01-31T00:00:00Z&to=2030-02-01T00:00:00Z&resolution=1h"
        assert values(read(provider, "host", host.id, more=hours)) == []

    @pytest.mark.parametrize(
        ("more", "pointer"),
        [
            ("&from=2030-01-31T12:00:00Z&to=2030-01-31T11:00:00Z", "/from"),
            ("&from=2030-01-31T12:00:00Z&to=2030-01-31T12:00:00Z", "/from"),
            ("&from=2028-12-01T00:00:00Z", "/from"),
            ("&from=2030-01-01T00:00:00Z&to=0001-01-01T01:00:00Z", "/to"),
            ("&from=0001-01-01T00:00:00%2B14:00", "/from"),
            ("&to=9999-12-31T23:59:59-14:00", "/to"),
            ("&from=2030-01-31T12:00:00", "/from"),
            ("&from=yesterday", "/from"),
            ("&from_=2030-01-31T11:00:00Z", "/from_"),
            ("&limit=501", "/limit"),
            ("&limit=0", "/limit"),
            ("&resolution=2m", "/resolution"),
            ("&cursor=abc", "/cursor"),
            ("&until=x", "/until"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, provider: Person, host: Machine, more: str, pointer: str) -> None:
        answer = read(provider, "host", host.id, more=more)
        assert (answer.status, answer.pointers) == (422, [pointer])

    def test_a_cursor_of_another_series_is_refused(self, world: World, provider: Person, host: Machine) -> None:
        measure(world, host, metrics=[point(host.id, 1), point(host.id, 2, ago(minutes=1))])
        cursor = read(provider, "host", host.id, more="&limit=1").json["next_cursor"]
        answer = read(provider, "host", host.id, metric="load_1m", more=f"&cursor={cursor}")
        assert answer.pointers == ["/cursor"]


class TestWhoMayRead:
    def test_owners_renters_and_operators(self, world: World, provider: Person, host: Machine) -> None:
        renter, stranger = world.join("renter@example.com"), world.join("stranger@example.com")
        vm_id = renter.rent(host_id=host.id).json["id"]
        metrics = [point(host.id, 1), point(vm_id, 2), point(GPU["uuid"], 3, metric="gpu_power_w")]
        measure(world, host, metrics=metrics, health_checks=[check(host.id)], logs=[line("started")])

        def seen(person: Person, as_: Any = None) -> list[int]:
            paths = [
                f"{METRICS}?resource_type=host&metric_type=cpu_used_percent&resource_id={host.id}",
                f"{METRICS}?resource_type=gpu&metric_type=gpu_power_w&resource_id={GPU['uuid']}",
                f"{METRICS}?resource_type=vm&metric_type=cpu_used_percent&resource_id={vm_id}",
                f"{METRICS}/summary?resource_type=vm&resource_id={vm_id}",
                f"{CHECKS}?resource_type=host&resource_id={host.id}",
                f"{LOGS}?host_id={host.id}",
            ]
            answers = [as_(person, "GET", path) if as_ else person.call("GET", path) for path in paths]
            for answer in answers:
                assert answer.status == 404 or len(answer.json["items"]) == 1, answer.text
            return [answer.status for answer in answers]

        assert seen(provider) == [200, 200, 404, 404, 200, 200]
        assert seen(renter) == [404, 404, 200, 200, 404, 404]
        assert seen(stranger) == [404] * 6
        assert seen(stranger, as_operator) == [200] * 6

    def test_foreign_and_missing_give_the_same_bytes(self, world: World, provider: Person, host: Machine) -> None:
        stranger, renter = world.join("stranger@example.com"), world.join("renter@example.com")
        vm_id = renter.rent(host_id=host.id).json["id"]
        measure(world, host, metrics=[point(GPU["uuid"], 3, metric="gpu_power_w")])
        for type, id in (("host", host.id), ("gpu", GPU["uuid"]), ("vm", vm_id)):
            for path in (f"{METRICS}?metric_type=load_1m&", f"{METRICS}/summary?", f"{CHECKS}?"):
                ids = (
                    id,
                    id[:-1] + ("1" if id[-1] != "1" else "2"),
                    "x",
                    "é" * 60,
                    "hst_" if type != "host" else "vm_",
                )
                texts = {stranger.call("GET", f"{path}resource_type={type}&resource_id={one}").text for one in ids}
                assert len(texts) == 1, texts
                assert '"not_found"' in texts.pop()

    def test_ones_own_gpu_is_known_before_it_tells_anything(self, provider: Person, host: Machine) -> None:
        assert values(read(provider, "gpu", GPU["uuid"], metric="gpu_power_w")) == []


class TestSummary:
    def test_of_one_resource_and_of_all(self, world: World, provider: Person, host: Machine) -> None:
        points = [
            point(host.id, 4, ago(minutes=2)),
            point(host.id, 8),
            point(GPU["uuid"], 60, metric="gpu_temperature_c"),
        ]
        measure(world, host, metrics=points)
        found = provider.call("GET", f"{METRICS}/summary").json["items"]
        assert [(item["resource_type"], item["metric_type"]) for item in found] == [
            ("host", "cpu_used_percent"),
            ("gpu", "gpu_temperature_c"),
        ]
        (one,) = provider.call("GET", f"{METRICS}/summary?resource_type=host&resource_id={host.id}").json["items"]
        assert one == found[0]
        assert {name: one[name] for name in ("samples", "min", "max", "avg", "last", "last_at")} == {
            "samples": 2, "min": 4, "max": 8, "avg": 6, "last": 8, "last_at": "2030-01-31T12:00:00.000Z",
        }  # fmt: skip
        assert len(provider.call("GET", f"{METRICS}/summary?limit=1").json["items"]) == 1
        assert world.join("nobody@example.com").call("GET", f"{METRICS}/summary").json == {"items": []}
        assert len(as_operator(provider, "GET", f"{METRICS}/summary").json["items"]) == 2

    def test_half_a_resource_is_refused(self, provider: Person, host: Machine) -> None:
        assert provider.call("GET", f"{METRICS}/summary?resource_type=host").pointers == ["/resource_id"]
        assert provider.call("GET", f"{METRICS}/summary?resource_id={host.id}").pointers == ["/resource_type"]


class TestSeriesOverHosts:
    def test_shares_are_averaged_and_amounts_add_up(self, world: World, provider: Person, host: Machine) -> None:
        other = provider.add_host(name="other")
        other.heartbeat()
        for one, value in ((host, 10), (other, 30)):
            measure(world, one, metrics=[point(one.id, value), point(one.id, value, metric="memory_used_mib")])
        hosts = [Host.get(host_key(one.id), "HOST") for one in (host, other)]

        def over(metric: MetricType, start: datetime | None = None) -> service.FleetSeries:
            return service.fleet_series(hosts, metric, start, None, limit=50)

        (share,), (amount,) = over(MetricType.CPU_USED_PERCENT).points, over(MetricType.MEMORY_USED_MIB).points
        assert (share.value, share.min, share.max, share.samples) == (20, 10, 30, 2)
        assert (amount.value, amount.samples) == (40, 2)
        assert over(MetricType.GPU_POWER_W).points == []
        assert over(MetricType.LOAD_1M).resolution_s == 300
        day = over(MetricType.MEMORY_USED_MIB, clock.now() - timedelta(days=1))
        assert (day.resolution_s, [point.value for point in day.points]) == (3600, [40])


_START = datetime(2030, 1, 31, 11, 54, tzinfo=UTC)
_POINTS = st.lists(
    st.tuples(
        st.sampled_from(["hst_" + "0" * 26, "vm_" + "0" * 26, "GPU-1"]),
        st.integers(0, 400),
        st.floats(0, 100) | st.sampled_from([0.1, 0.2, 0.3, 1e16, -1e16]),
    ),
    max_size=6,
)


def _batches(drawn: list[list[tuple[str, int, float]]]) -> list[str]:
    found: list[str] = []
    for number, points in enumerate(drawn):
        metrics = [
            point(id, value, rfc3339(_START + timedelta(seconds=offset)), "gpu_power_w" if id == "GPU-1" else "load_1m")
            for id, offset, value in points
        ]
        given = {**batch(metrics=metrics), "batch_id": f"bat_{number:026d}"}
        found += messages("hst_" + "0" * 26, "usr_1", TelemetryBatch.model_validate(given))
    return found


def _stored() -> list[Any]:
    items = sorted((one for one in TelemetryRecord.scan()), key=lambda one: (one.pk, one.sk))
    return [one.to_dynamodb_dict() for one in items]


@settings(max_examples=25, suppress_health_check=[Suppressed.function_scoped_fixture])
@given(st.data())
def test_any_order_and_repetition_of_batches_leaves_the_same_rows(time: Time, data: st.DataObject) -> None:
    texts = _batches(data.draw(st.lists(_POINTS, min_size=1, max_size=4)))
    outcomes = []
    for order in (texts, data.draw(st.permutations(texts + texts[: data.draw(st.integers(0, len(texts)))]))):
        with TelemetryRecord.batch_write() as rows:
            for row in TelemetryRecord.scan():
                rows.delete(row)
        for text in order:
            writes.store(BatchPart.decoded(text))
        outcomes.append(_stored())
    assert outcomes[0] == outcomes[1]


def test_a_roll_up_made_from_less_never_replaces_one_made_from_more(time: Time) -> None:
    at_ms = clock.to_ms(_START)
    writes.keep_points("hst_1", "bat_1", {"load_1m": [(at_ms, 1)]})
    before = [one for one in Rollup.scan() if one.pk.startswith(("5M#", "1H#"))]
    assert len(before) == 2
    writes.keep_points("hst_1", "bat_2", {"load_1m": [(at_ms + 1000, 2)]})
    after = _stored()
    for slow in before:
        # what a writer does that read before the second batch came and writes after it
        writes.put_rollup(slow.pk, int(slow.sk) * 1000, slow.figures, slow.counted, slow.expires_at)
    assert _stored() == after
