"""Heartbeats of a running embedded cloud, signed and over HTTP: latency one at a time, throughput of many hosts.

    python -m tests.benchmarks.embedded_heartbeats

Starts a cloud of its own without agent and console. Prints milliseconds and answers per second, signing included.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, RemoteHost, disconnect_all

HOSTS, BEATS, WARM_UP, SENDERS = 32, 20, 3, 8


def beat_ms(host: RemoteHost) -> float:
    """Milliseconds until a heartbeat is answered."""
    start = time.perf_counter()
    host.heartbeat()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedCloud(Path(folder) / "s") as cloud:
        owner = Person.join(cloud.url, "provider@example.com")
        hosts = [RemoteHost.enroll(owner, cloud.url, vcpus=4, memory_mib=8192, disk_gib=100) for _ in range(HOSTS)]
        for host in hosts[:WARM_UP]:
            beat_ms(host)
        taken = sorted(beat_ms(host) for host in hosts for _ in range(BEATS // 4))
        start = time.perf_counter()
        with ThreadPoolExecutor(SENDERS) as pool:
            # one host's heartbeats go one after another, as its agent sends them
            list(pool.map(lambda host: [beat_ms(host) for _ in range(BEATS)], hosts))
        per_s = HOSTS * BEATS / (time.perf_counter() - start)
        p50, p99 = statistics.median(taken), taken[int(len(taken) * 0.99) - 1]
        print(f"one at a time  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms")
        print(f"{SENDERS} at a time    {per_s:6.0f}/s of {HOSTS} hosts, or {per_s * 10:.0f} hosts every 10 s")
        disconnect_all()


if __name__ == "__main__":
    main()
