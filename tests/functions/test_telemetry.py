"""Batches in, through the queue, and read back by whom they concern; what cannot be true is refused by name."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.functions.conftest import Time
from tests.functions.events import Answer, call
from tests.functions.world import Host, Person, World, function

from sharemtc import clock, identity
from sharemtc.identity import Role
from sharemtc.schemas import rfc3339
from sharemtc.telemetry import ingest, service, storing
from sharemtc.telemetry.table import Chunk, Rollup
from sharemtc.wire import MAX_UNPACKED_BYTES, MetricType

GPU = {"uuid": "GPU-11111111-aaaa", "model": "A100", "vram_mib": 40_000}
PATH = "/v1/agent/telemetry"


@pytest.fixture
def world(time: Time) -> World:
    ingest.forget()
    storing.forget()
    return World.start(time)


@pytest.fixture
def provider(world: World) -> Person:
    return world.join("provider@example.com")


@pytest.fixture
def host(provider: Person) -> Host:
    machine = provider.add_host(gpus=[GPU], network_mbps=1000)
    assert machine.heartbeat().status == 200
    return machine


def ago(**by: float) -> str:
    return rfc3339(clock.now() - timedelta(**by))


def point(resource_id: str, value: float, at: str | None = None, metric: str = "cpu_used_percent") -> dict[str, Any]:
    return {"resource_id": resource_id, "metric_type": metric, "value": value, "captured_at": at or ago()}


def batch(**parts: Any) -> dict[str, Any]:
    return {"batch_id": clock.new_id("bat"), **parts}


def send(host: Host, **parts: Any) -> Answer:
    return host.send("POST", PATH, batch(**parts))


def series_of(
    person: Person, resource_type: str, resource_id: str, more: str = "", metric: str = "cpu_used_percent"
) -> Answer:
    query = f"resource_type={resource_type}&resource_id={resource_id}&metric_type={metric}"
    return person.call("GET", f"/v1/resources/metrics?{query}{more}")


def as_operator(person: Person, method: str, path: str, body: Any = None) -> Answer:
    token = identity.issue_access_token(person.user_id, Role.OPS_ADMIN, "ses_test")
    return call(function("resources").app, method, path, body=body, token=token)


class TestTaking:
    def test_a_batch_is_answered_queued_and_read_back(self, world: World, provider: Person, host: Host) -> None:
        points = [point(host.id, 10, ago(seconds=30)), point(host.id, 20, ago(seconds=15)), point(host.id, 60)]
        answer = send(host, metrics=points)
        assert (answer.status, answer.json) == (202, {"accepted_points": 3, "telemetry_interval_s": 60})
        assert series_of(provider, "host", host.id).json["items"] == []
        assert world.keep_telemetry() == 1
        found = series_of(provider, "host", host.id).json
        assert [item["value"] for item in found["items"]] == [10, 20, 60]
        assert (found["resolution"], found["resolution_s"], found["next_cursor"]) == ("raw", 60, None)

    def test_a_gzipped_batch_arrives_as_it_was_signed(self, world: World, provider: Person, host: Host) -> None:
        packed = gzip.compress(json.dumps(batch(metrics=[point(host.id, 5)])).encode())
        assert host.send_bytes(PATH, packed, "application/gzip").status == 202
        world.keep_telemetry()
        assert [item["value"] for item in series_of(provider, "host", host.id).json["items"]] == [5]

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
        from sharemtc.hosts.states import HostState
        from sharemtc.hosts.table import Capacity, host_key

        capacity = Capacity.get(host_key(host.id), "CAPACITY")
        capacity.update([Capacity.state.set(HostState.BANNED)])
        assert send(host).code == "host_closed"
