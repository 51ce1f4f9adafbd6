"""Reads of a running embedded cloud, from the click's side: latency one at a time, throughput eight at a time.

    python -m tests.benchmarks.embedded_reads

Starts a cloud of its own without agent and console. Prints milliseconds and answers per second.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, disconnect_all

READS, WARM_UP, READERS = 200, 20, 8
PATHS = ("/v1/catalog/hosts", "/v1/auth/me", "/v1/resources/vms", "/v1/billing/balance", "/v1/resources/events")


def read_ms(person: Person, path: str) -> float:
    """Milliseconds until the answer is there."""
    start = time.perf_counter()
    answer = person.http.get(path)
    elapsed_ms = (time.perf_counter() - start) * 1000
    assert answer.status_code == 200, answer.text
    return elapsed_ms


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedCloud(Path(folder) / "s") as cloud:
        person = Person.join(cloud.url, "reader@example.com")
        for path in PATHS:
            for _ in range(WARM_UP):
                read_ms(person, path)
            taken = sorted(read_ms(person, path) for _ in range(READS))
            start = time.perf_counter()
            with ThreadPoolExecutor(READERS) as pool:
                list(pool.map(lambda path: read_ms(person, path), [path] * READS))
            per_s = READS / (time.perf_counter() - start)
            p50, p99 = statistics.median(taken), taken[int(READS * 0.99) - 1]
            print(f"GET {path:<22} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {READERS} readers {per_s:6.0f}/s")
        disconnect_all()


if __name__ == "__main__":
    main()
