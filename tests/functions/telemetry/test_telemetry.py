"""Batches as hosts send them: taken whole or refused by the name of what cannot be true."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.measuring import GPU, PATH, ago, batch, check, line, point, read, send, values
from tests.support.world import Host, Person, World

from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import Capacity, host_key
from sharemtc.telemetry.queue_messages import MAX_MESSAGE_CHARS
from sharemtc.telemetry.table import TelemetryRecord
from sharemtc.wire import MAX_UNPACKED_BYTES


def checks(provider: Person, host: Host, name: str) -> list[dict[str, Any]]:
    """The present outcome of one check of a host."""
    query = f"resource_type=host&resource_id={host.id}&latest=true"
    items = provider.call("GET", f"/v1/resources/health-checks?{query}").json["items"]
    return [one for one in items if one["check_type"] == name]


def kept() -> dict[tuple[str, str], dict[str, Any]]:
    """Every item of the table by its key."""
    return {(one.pk, one.sk): one.to_dynamodb_dict() for one in TelemetryRecord.scan()}


class TestTaking:
    def test_a_batch_is_answered_queued_and_read_back(self, world: World, provider: Person, host: Host) -> None:
        points = [point(host.id, 10, ago(seconds=30)), point(host.id, 20, ago(seconds=15)), point(host.id, 60)]
        answer = send(host, metrics=points)
        known = {"accepted_points": 3, "flagged_points": 0, "flagged": [], "unknown_points": 0, "unknown": []}
        assert (answer.status, answer.json) == (202, {**known, "telemetry_interval_s": 60})
        assert values(read(provider, "host", host.id)) == []
        assert world.keep_telemetry() == 1
        found = read(provider, "host", host.id).json
        assert [item["value"] for item in found["items"]] == [10, 20, 60]
        assert (found["resolution"], found["resolution_s"], found["next_cursor"]) == ("raw", 60, None)

    def test_a_gzipped_batch_arrives_as_it_was_signed(self, world: World, provider: Person, host: Host) -> None:
        packed = gzip.compress(json.dumps(batch(metrics=[point(host.id, 5)])).encode())
        assert host.send_bytes(PATH, packed, "application/gzip").status == 202
        world.keep_telemetry()
        assert values(read(provider, "host", host.id)) == [5]

    @pytest.mark.parametrize(
        ("spoil", "status", "code"),
        [
            (lambda packed: packed[:-4], 400, "bad_request"),
            (lambda packed: packed + b"x", 400, "bad_request"),
            (lambda packed: packed + packed, 400, "bad_request"),
            (lambda packed: b"x" + packed[1:], 400, "bad_request"),
            (lambda packed: packed[:20] + bytes([packed[20] ^ 255]) + packed[21:], 400, "bad_request"),
            (lambda _: gzip.compress(bytes(200 * 1024 * 1024 // 64)), 413, "too_large"),
            (lambda _: gzip.compress(b" " * (MAX_UNPACKED_BYTES + 1)), 413, "too_large"),
            (lambda _: bytes(10 * 1024 * 1024), 413, "too_large"),
            (lambda _: gzip.compress(b"{}"), 422, "invalid_request"),
            (lambda _: gzip.compress(b""), 400, "bad_request"),
            (lambda _: b"", 400, "bad_request"),
        ],
    )
    def test_a_broken_or_swollen_body_is_refused(self, host: Host, spoil: Any, status: int, code: str) -> None:
        packed = gzip.compress(json.dumps(batch()).encode())
        answer = host.send_bytes(PATH, spoil(packed), "application/gzip")
        assert (answer.status, answer.code) == (status, code), answer.text

    def test_only_what_declares_it_takes_a_gzipped_body(self, host: Host) -> None:
        packed = gzip.compress(b"{}")
        assert host.send_bytes("/v1/agent/heartbeat", packed, "application/gzip").status == 415
        assert host.send_bytes("/v1/resources/metrics", packed, "application/gzip").status == 415

    def test_a_closed_host_is_not_heard(self, host: Host) -> None:
        capacity = Capacity.get(host_key(host.id), "CAPACITY")
        capacity.update([Capacity.state.set(HostState.BANNED)])
        assert send(host).code == "host_closed"
        one = {"resource_type": "host", **point(host.id, 1)}
        assert host.send("POST", "/v1/resources/metrics", one).code == "host_closed"

    def test_a_repeated_batch_counts_once(self, world: World, provider: Person, host: Host) -> None:
        given = batch(
            metrics=[point(host.id, 10), point(GPU["uuid"], 50, metric="gpu_temperature_c")], logs=[line("hi")]
        )
        assert host.send("POST", PATH, given).status == 202
        world.keep_telemetry(times=2)
        once = kept()
        assert host.send("POST", PATH, given).status == 202
        world.keep_telemetry()
        assert kept() == once

    def test_a_batch_that_fits_no_message_is_cut_and_whole_again(
        self, world: World, provider: Person, host: Host
    ) -> None:
        told = [line(f"{index} " + "\u00e9\U0001f600" * 300) for index in range(100)]
        given = batch(logs=told, metrics=[point(host.id, n % 100, ago(seconds=n)) for n in range(500)])
        packed = gzip.compress(json.dumps(given, ensure_ascii=False).encode())
        assert host.send_bytes(PATH, packed, "application/gzip").status == 202
        assert world.keep_telemetry() > 1
        assert len(values(read(provider, "host", host.id))) == 500
        logs = provider.call("GET", f"/v1/resources/agent-logs?host_id={host.id}&limit=200").json["items"]
        assert sorted(item["message"] for item in logs) == sorted(one["message"] for one in told)
        assert MAX_MESSAGE_CHARS < 256 * 1024

    def test_what_a_queue_would_refuse_arrives(self, world: World, provider: Person, host: Host) -> None:
        assert send(host, logs=[line("\uffff\ufffe\x0b")]).status == 202
        world.keep_telemetry()
        logs = provider.call("GET", f"/v1/resources/agent-logs?host_id={host.id}").json["items"]
        assert [item["message"] for item in logs] == ["\ufffd\ufffd"]


class TestOtherVersions:
    def test_unknown_metrics_and_fields_are_counted_and_told_and_the_rest_is_kept(
        self, world: World, provider: Person, host: Host
    ) -> None:
        fan = point(host.id, 40, metric="fan_percent")
        marked = {**point(host.id, 20), "quality": "good"}
        answer = send(host, metrics=[fan, point(host.id, 10, ago(seconds=9)), marked, fan], mood="good")
        assert answer.status == 202, answer.text
        assert (answer.json["accepted_points"], answer.json["unknown_points"]) == (2, 2)
        assert sorted(answer.json["unknown"]) == ["fan_percent", "mood", "quality"]
        world.keep_telemetry()
        assert values(read(provider, "host", host.id)) == [10, 20]

    def test_what_cannot_be_true_is_named_by_its_place_as_sent(self, host: Host) -> None:
        fan = point(host.id, 40, metric="fan_percent")
        answer = send(host, metrics=[fan, point(host.id, 1), fan, point(host.id, 101)])
        assert (answer.status, answer.pointers) == (422, ["/metrics/3/value"])
        answer = send(host, metrics=[fan, {**point(host.id, 1), "captured_at": "soon"}])
        assert (answer.status, answer.pointers) == (422, ["/metrics/1/captured_at"])

    def test_a_batch_of_unknown_metrics_alone_is_taken(self, host: Host) -> None:
        assert send(host, metrics=[point(host.id, 40, metric="fan_percent")]).json["unknown_points"] == 1


class TestWhatCannotBeTrue:
    @pytest.mark.parametrize(
        ("metric", "value"),
        [
            ("cpu_used_percent", 100.1),
            ("cpu_used_percent", -1),
            ("load_1m", -0.5),
            ("memory_used_mib", -1),
            ("memory_used_mib", 2**64),
            ("disk_used_gib", 2**40),
            ("disk_read_bytes_per_s", 1.1e12),
            ("network_tx_bytes_per_s", -1),
            ("network_tx_bytes_per_s", 2**64),
        ],
    )
    def test_of_a_host(self, host: Host, metric: str, value: float) -> None:
        good = point(host.id, 1)
        answer = send(host, metrics=[good, point(host.id, value, metric=metric), good])
        assert (answer.status, answer.pointers) == (422, ["/metrics/1/value"])

    @pytest.mark.parametrize(
        ("metric", "value"),
        [
            ("gpu_used_percent", 101),
            ("gpu_memory_used_mib", -1),
            ("gpu_temperature_c", 131),
            ("gpu_temperature_c", -21),
            ("gpu_power_w", 20_001),
            ("gpu_processes", -1),
        ],
    )
    def test_of_a_gpu(self, host: Host, metric: str, value: float) -> None:
        answer = send(host, metrics=[point(GPU["uuid"], value, metric=metric)])
        assert (answer.status, answer.pointers) == (422, ["/metrics/0/value"])

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", '"5"', "true", "null"])
    def test_what_is_no_number(self, host: Host, number: str) -> None:
        raw = json.dumps(batch(metrics=[point(host.id, 7.5)])).replace("7.5", number).encode()
        assert host.send_bytes(PATH, raw, "application/json").status in (400, 422)

    def test_the_limits_themselves_are_true(self, host: Host) -> None:
        edges = [
            point(host.id, 100),
            point(host.id, 0),
            point(host.id, 8192, metric="memory_used_mib"),
            point(host.id, 100.9, metric="disk_used_gib"),
            point(host.id, 150_000_000, metric="network_rx_bytes_per_s"),
            point(host.id, 1, ago(hours=48)),
            point(host.id, 1, ago(seconds=-30)),
            point(GPU["uuid"], 40_000, metric="gpu_memory_used_mib"),
            point(GPU["uuid"], -20, metric="gpu_temperature_c"),
        ]
        assert send(host, metrics=edges).json["flagged_points"] == 0

    @pytest.mark.parametrize(
        ("metric", "value", "of_gpu"),
        [
            ("memory_used_mib", 31_072, False),
            ("disk_used_gib", 102, False),
            ("network_rx_bytes_per_s", 250_000_000, False),
            ("gpu_memory_used_mib", 40_001, True),
            ("gpu_power_w", 2700, True),
        ],
    )
    def test_more_than_the_machine_says_that_it_has_is_kept_and_flagged(
        self, world: World, provider: Person, host: Host, metric: str, value: float, of_gpu: bool
    ) -> None:
        id = GPU["uuid"] if of_gpu else host.id
        answer = send(host, metrics=[point(id, value, metric=metric), point(id, 1, ago(seconds=5), metric=metric)])
        assert (answer.status, answer.json["accepted_points"]) == (202, 2)
        assert (answer.json["flagged_points"], answer.json["flagged"]) == (1, [metric])
        world.keep_telemetry()
        assert values(read(provider, "gpu" if of_gpu else "host", id, metric=metric)) == [1, value]
        (told,) = checks(provider, host, "plausibility")
        assert (told["status"], f"{metric} of {id}" in told["details"]) == ("warning", True)

    def test_a_flag_ends_when_nothing_was_flagged_for_long(self, world: World, provider: Person, host: Host) -> None:
        send(host, metrics=[point(host.id, 31_072, metric="memory_used_mib")])
        for minutes, status in ((10, "warning"), (11, "ok")):
            world.time.advance(timedelta(minutes=minutes))
            assert host.heartbeat().status == 200
            send(host, health_checks=[check(host.id)])
            world.keep_telemetry()
            assert [one["status"] for one in checks(provider, host, "plausibility")] == [status]

    def test_links_together_carry_what_they_carry_together(self, world: World, provider: Person) -> None:
        twins = provider.add_host(name="twins", network_mbps=1000, links_mbps=2000)
        twins.heartbeat()
        rate = [point(twins.id, value, metric="network_rx_bytes_per_s") for value in (250_000_000, 301_000_000)]
        assert send(twins, metrics=rate).json["flagged_points"] == 1

    def test_what_one_by_one_is_told_is_flagged_too(self, provider: Person, host: Host) -> None:
        one = {"resource_type": "host", **point(host.id, 31_072, metric="memory_used_mib")}
        assert host.send("POST", "/v1/resources/metrics", one).status == 201
        assert [one["status"] for one in checks(provider, host, "plausibility")] == ["warning"]

    @pytest.mark.parametrize(
        "at",
        [
            "2030-01-29T11:59:59.999Z",
            "2030-01-31T12:00:30.001Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
        ],
    )
    def test_another_time(self, host: Host, at: str) -> None:
        answer = send(
            host, metrics=[point(host.id, 1, at)], health_checks=[check(host.id, at=at)], logs=[line("", at=at)]
        )
        assert answer.status == 422
        assert answer.pointers == ["/metrics/0/captured_at", "/health_checks/0/checked_at", "/logs/0/at"]

    @pytest.mark.parametrize("at", ["2030-01-31T12:00:00", "soon", 1896091200, ""])
    def test_a_time_without_a_zone_is_none(self, host: Host, at: Any) -> None:
        answer = send(host, metrics=[{**point(host.id, 1), "captured_at": at}])
        assert (answer.status, answer.pointers) == (422, ["/metrics/0/captured_at"])

    def test_what_is_not_the_hosts_own(self, world: World, provider: Person, host: Host) -> None:
        other = provider.add_host(name="other", gpus=[{**GPU, "uuid": "GPU-2"}])
        other.heartbeat()
        vm_id = provider.rent(host_id=other.id).json["id"]
        strange = [other.id, "GPU-2", vm_id, "hst_" + "0" * 26, "GPU-none", vm_id[:-1] + "0", "pod_1"]
        metrics = [point(one, 1, metric="gpu_power_w" if one.startswith("GPU") else "load_1m") for one in strange]
        answer = send(host, metrics=metrics, health_checks=[check(other.id)])
        assert answer.status == 422
        assert answer.pointers == [
            *(f"/metrics/{index}/resource_id" for index in range(len(strange))),
            "/health_checks/0/resource_id",
        ]
        assert len({error["message"] for error in answer.json["errors"]}) == 1
        assert send(other, metrics=[point(vm_id, 1)]).status == 202

    def test_a_metric_of_another_kind_of_thing(self, host: Host) -> None:
        answer = send(host, metrics=[point(host.id, 1, metric="gpu_power_w"), point(GPU["uuid"], 1)])
        assert (answer.status, answer.pointers) == (422, ["/metrics/0/metric_type", "/metrics/1/metric_type"])

    @pytest.mark.parametrize(("part", "most"), [("metrics", 500), ("health_checks", 100), ("logs", 200)])
    def test_more_than_a_batch_holds(self, host: Host, part: str, most: int) -> None:
        thing = {"metrics": point(host.id, 1), "health_checks": check(host.id), "logs": line("")}[part]
        assert send(host, **{part: [thing] * most}).status == 202
        answer = send(host, **{part: [thing] * (most + 1)})
        assert (answer.status, answer.pointers) == (422, [f"/{part}"])

    def test_nothing_of_a_refused_batch_is_kept_and_the_list_of_faults_is_bounded(
        self, world: World, host: Host
    ) -> None:
        answer = send(host, metrics=[point(host.id, 1), *[point(host.id, 101)] * 400], logs=[line("x")])
        assert answer.status == 422
        assert len(answer.pointers) == 20
        assert world.keep_telemetry() == 0
        assert kept() == {}

    def test_a_forged_batch_and_one_for_another_body(self, world: World, host: Host) -> None:
        thief = Host(world, id=host.id, seq=100)
        assert send(thief, metrics=[point(host.id, 1)]).code == "invalid_signature"
        packed = gzip.compress(b"{}")
        answer = host.send_bytes(PATH, packed, "application/gzip", bsh="A" * 43)
        assert (answer.status, answer.code) == (401, "body_mismatch")

    def test_a_replayed_request_changes_nothing(self, world: World, provider: Person, host: Host) -> None:
        given = batch(metrics=[point(host.id, 10)])
        assert host.send("POST", PATH, given, seq=50).status == 202
        assert host.send("POST", PATH, given, seq=50).status == 202
        world.keep_telemetry()
        world.time.advance(timedelta(minutes=6))
        assert values(read(provider, "host", host.id, more="&resolution=5m")) == [10]
        assert read(provider, "host", host.id, more="&resolution=5m").json["items"][0]["samples"] == 1
