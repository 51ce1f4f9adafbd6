"""CPU of taking telemetry in: a signed, gzipped batch verified, unpacked, validated, judged, and kept and rolled up.

    python -m tests.benchmarks.telemetry_intake

Storage is a dict here, everything else is the product's own code. A batch is what a host with two GPUs and two VMs
sends in a minute: samples every 15 seconds. Prints microseconds of CPU on one core, the best of several rounds, what
each step has of it, and batches and points per second. The signature's check is a figure of its own: it is
`cryptography`'s, and no code of ours can be quicker than it.
"""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Callable
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.world import inventory

from sharemtc import clock, wire
from sharemtc.hosts import signatures
from sharemtc.http.gzip_bodies import gunzip
from sharemtc.http.parsing import body_as
from sharemtc.requests import Request
from sharemtc.schemas import rfc3339
from sharemtc.telemetry import plausibility, queue_messages
from sharemtc.telemetry.kinds import HOUR_MS
from sharemtc.telemetry.metrics import GPU_METRICS
from sharemtc.telemetry.queue_messages import BatchPart
from sharemtc.telemetry.rollups import Figures, Points, combine, merge, slots, summarize
from sharemtc.wire import Inventory, MetricType, TelemetryBatch

CALLS, ROUNDS = 300, 7
HOST, VMS = f"hst_{'0' * 26}", [f"vm_{n}{'0' * 25}" for n in range(2)]
GPUS = [{"uuid": f"GPU-{n}", "model": "A100", "vram_mib": 40_000} for n in range(2)]
KEY = Ed25519PrivateKey.generate()


class Shelf:
    """Chunks and roll-ups in memory, kept as `storing` keeps them in the table."""

    def __init__(self) -> None:
        self.chunks: dict[tuple[str, int], dict[str, Points]] = {}
        self.slots: dict[tuple[str, int], Figures] = {}
        self.hours: dict[tuple[str, int], Figures] = {}

    def keep(self, part: BatchPart) -> None:
        """Put each chunk once and make the batch-ups above it anew."""
        for key, points in part.points.items():
            touched = slots(points)
            for slot_ms, of_slot in touched.items():
                chunks = self.chunks.setdefault((key, slot_ms), {})
                chunks.setdefault(part.batch_id, of_slot)
                self.slots[key, slot_ms] = summarize(merge(chunks.items()))
            for hour_ms in {slot_ms // HOUR_MS * HOUR_MS for slot_ms in touched}:
                begins = range(hour_ms, hour_ms + HOUR_MS, HOUR_MS // 12)
                parts = [self.slots[key, begin] for begin in begins if (key, begin) in self.slots]
                self.hours[key, hour_ms] = combine(parts)


def batch_bytes() -> bytes:
    """The batch, gzipped."""
    now = clock.now()
    metrics = []
    for back_s in (45, 30, 15, 0):
        at = rfc3339(now - timedelta(seconds=back_s))
        for resource_id in [HOST, *VMS, *(gpu["uuid"] for gpu in GPUS)]:
            of_gpu = str(resource_id).startswith("GPU-")
            for metric in MetricType:
                if (metric in GPU_METRICS) == of_gpu:
                    value = 17.25 + back_s
                    metrics.append(
                        {"resource_id": resource_id, "metric_type": metric.value, "value": value, "captured_at": at}
                    )
    given = {"batch_id": f"bat_{'0' * 26}", "metrics": metrics}
    body = TelemetryBatch.model_validate(given).model_dump_json().encode()
    return gzip.compress(body, compresslevel=6, mtime=0)


def signed(body: bytes) -> Request:
    """A request of the host."""
    now_s = clock.to_ms(clock.now()) // 1000
    claims = {
        "sub": HOST, "aud": wire.AGENT_AUDIENCE, "iat": now_s, "exp": now_s + 60, "jti": "0" * 32, "seq": 1,
        "htm": "POST", "htp": "/v1/agent/telemetry", "bsh": wire.body_hash(body),
    }  # fmt: skip
    token = jwt.encode(claims, KEY, algorithm="EdDSA")
    headers = {"authorization": f"Bearer {token}", "content-type": wire.GZIP_TYPE}
    return Request("POST", "/v1/agent/telemetry", headers, {}, body, "203.0.113.7", "req_benchmark")


def cpu_us(call: Callable[[], object]) -> float:
    """Microseconds of CPU per call."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(CALLS):
            call()
        rounds.append((time.process_time() - start) / CALLS * 1e6)
    return min(rounds)


def main() -> None:
    """Print the figures."""
    body = batch_bytes()
    public = base64.urlsafe_b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).rstrip(b"=")
    signatures._hosts[HOST] = public.decode()  # as after its first request
    machine = plausibility.Machine(HOST, Inventory.model_validate(inventory(gpus=GPUS)), frozenset(VMS))
    request, text = signed(body), gunzip(body, wire.MAX_UNPACKED_BYTES)
    batch = body_as(TelemetryBatch, text)
    (message,) = queue_messages.messages(HOST, "usr_1", batch)
    part, shelf = BatchPart.decoded(message), Shelf()
    steps: dict[str, Callable[[], object]] = {
        "verify the signature": lambda: signatures.authenticate(request),
        "unpack": lambda: gunzip(body, wire.MAX_UNPACKED_BYTES),
        "read strictly": lambda: body_as(TelemetryBatch, text),
        "judge": lambda: plausibility.check(batch, machine, clock.now()),
        "write the message": lambda: list(queue_messages.messages(HOST, "usr_1", batch)),
        "read the message": lambda: BatchPart.decoded(message),
        "keep and roll up": lambda: shelf.keep(part),
    }
    points = len(batch.metrics)
    print(f"one batch: {points} points, {len(text)} bytes, {len(body)} gzipped")
    total_us = 0.0
    for name, step in steps.items():
        took_us = cpu_us(step)
        total_us += took_us
        print(f"{name:<22} {took_us:8.1f} µs a batch  {took_us / points:6.2f} µs a point")
    print(f"{'all':<22} {total_us:8.1f} µs a batch  {total_us / points:6.2f} µs a point")
    print(f"{1e6 / total_us:,.0f} batches/s and {points * 1e6 / total_us:,.0f} points/s on one core")


if __name__ == "__main__":
    main()
