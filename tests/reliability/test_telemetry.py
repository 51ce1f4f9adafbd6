"""Telemetry through everything that runs: gateway, gateway, functions, queue and tables, many senders at once."""

from __future__ import annotations

import gzip
import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, RemoteHost, eventually

from sharemtc import wire
from sharemtc.ids import IdKind, new_id

pytestmark = pytest.mark.slow
BATCHES, POINTS, SENDERS = 12, 20, 4


def batches(host: RemoteHost) -> list[bytes]:
    """Gzipped batches of half an hour, a point every seven seconds."""
    begin = datetime.now(UTC) - timedelta(minutes=30)
    found = []
    for number in range(BATCHES):
        metrics = [
            {
                "resource_id": host.id,
                "metric_type": "cpu_used_percent",
                "value": (number * POINTS + n) % 101,
                "captured_at": (begin + timedelta(seconds=7 * (number * POINTS + n))).isoformat(),
            }
            for n in range(POINTS)
        ]
        found.append(
            gzip.compress(json.dumps({"batch_id": new_id(IdKind.TELEMETRY_BATCH), "metrics": metrics}).encode())
        )
    return found


def test_batches_in_any_order_and_twice_count_once(cloud: EmbeddedCloud) -> None:
    owner = Person.join(cloud.url, "measured@example.com")
    host = RemoteHost.enroll(owner, cloud.url, vcpus=4, memory_mib=8192, disk_gib=100)
    sent = batches(host) * 2
    random.Random(4).shuffle(sent)  # noqa: S311 - an order, not a secret

    def send(packed: bytes) -> int:
        return host.send_bytes("POST", "/v1/agent/telemetry", packed, wire.GZIP_TYPE).status_code

    with ThreadPoolExecutor(SENDERS) as pool:
        assert set(pool.map(send, sent)) == {202}

    def read(resolution: str) -> list[dict[str, Any]]:
        query = {"resource_type": "host", "resource_id": host.id, "metric_type": "cpu_used_percent"}
        answer = owner.http.get("/v1/resources/metrics", params={**query, "resolution": resolution})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    everything = BATCHES * POINTS
    eventually(lambda: len(read("raw")) == everything, "every point is kept")
    eventually(lambda: sum(step["samples"] for step in read("5m")) == everything, "every point is rolled up")
    before = read("5m")
    assert sum(step["value"] * step["samples"] for step in before) == pytest.approx(
        sum(n % 101 for n in range(everything))
    )


def test_a_packed_body_is_judged_as_it_was_sent(cloud: EmbeddedCloud) -> None:
    owner = Person.join(cloud.url, "packed@example.com")
    host = RemoteHost.enroll(owner, cloud.url, vcpus=4, memory_mib=8192, disk_gib=100)
    (packed, *_) = batches(host)
    for content, status in [
        (packed, 202),
        (packed[:-1], 400),
        (packed + b"\0", 400),
        (gzip.compress(bytes(64 * 1024 * 1024)), 413),
        (bytes(range(256)) * 1025, 413),
    ]:
        answer = host.send_bytes("POST", "/v1/agent/telemetry", content, wire.GZIP_TYPE)
        assert answer.status_code == status, answer.text
