"""Many buyers at once on a running embedded cloud: who gets a machine, in how many attempts, and how long it takes.

    python -m tests.benchmarks.buyers [--buyers 64] [--hosts 16] [--slices 4]

Starts a cloud of its own without agent and console. Every buyer has an account of its own and orders one VM at the same
moment; whoever is told to come back does so when the answer says, with the same idempotency key. The hosts send
heartbeats meanwhile. Prints buyers, successes, what was sold above what there is, orders and transactions for each
success, the latency of single answers and of whole orders, and the answers by status and code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import Person, RemoteHost, disconnect_all

JOINING_AT_ONCE, HEARTBEAT_INTERVAL_S, PATIENCE_S = 4, 4.0, 120.0
FREE_OF_LIMITS = {
    "SHAREMTC_PUBLIC_CHANGES_PER_MINUTE": "0",
    "SHAREMTC_STARTING_CREDITS_PER_DAY": "100000",
    "SHAREMTC_STARTING_CREDITS_PER_ADDRESS": "100000",
}


@dataclass
class Rush:
    """What came of one order of each buyer. Times in seconds."""

    answers: Counter[str] = field(default_factory=Counter)
    answer_times_s: list[float] = field(default_factory=list)
    order_times_s: list[float] = field(default_factory=list)
    bought: int = 0
    refused: int = 0

    @property
    def orders(self) -> int:
        return len(self.answer_times_s)


def centile(times_s: Sequence[float], share: float) -> float:
    """The time that so large a share of the times does not exceed."""
    return sorted(times_s)[max(0, int(len(times_s) * share + 0.5) - 1)] if times_s else 0.0


async def rush(url: str, buyers: Sequence[Person]) -> Rush:
    """Let every buyer order at once."""
    seen = Rush()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
        await asyncio.gather(*(_order(http, buyer, seen) for buyer in buyers))
    return seen


async def _order(http: httpx.AsyncClient, buyer: Person, seen: Rush) -> None:
    key, begun = f"rush-{buyer.ssh_key_id}", time.perf_counter()
    headers = {"Authorization": buyer.http.headers["Authorization"], "Idempotency-Key": key}
    while time.perf_counter() - begun < PATIENCE_S:
        sent = time.perf_counter()
        answer = await http.post("/v1/resources/vms", json=buyer.order(), headers=headers)
        seen.answer_times_s.append(time.perf_counter() - sent)
        problem = {} if answer.status_code == 201 else answer.json()
        seen.answers[f"{answer.status_code} {problem.get('code', 'created')}"] += 1
        if not problem.get("retryable"):
            seen.bought += answer.status_code == 201
            seen.refused += problem.get("code") == "no_capacity"
            break
        await asyncio.sleep(float(answer.headers.get("Retry-After", "0.2")))
    seen.order_times_s.append(time.perf_counter() - begun)


def join(url: str, count: int) -> list[Person]:
    """So many people with accounts and keys."""
    with ThreadPoolExecutor(JOINING_AT_ONCE) as pool:
        return list(pool.map(lambda number: Person.join(url, f"buyer-{number}@example.com"), range(count)))


def send_heartbeats(hosts: Sequence[RemoteHost], until: threading.Event) -> list[threading.Thread]:
    """Keep the hosts ready until the event is set; they make what they are asked for."""

    def go_on(host: RemoteHost) -> None:
        while not until.wait(HEARTBEAT_INTERVAL_S):
            host.heartbeat()

    threads = [threading.Thread(target=go_on, args=(host,), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    return threads


def transactions(cloud: EmbeddedCloud) -> int:
    """Transactions that orders attempted, by the log of their function."""
    lines = (
        json.loads(line) for line in cloud.log("ResourcesFunction").splitlines() if '"resources_create_vm"' in line
    )
    return sum(line.get("TransactionAttempts", 0) for line in lines)


def report(seen: Rush, buyers: int, slices: int, attempted: int) -> str:
    """The figures, one a line."""
    successes = max(1, seen.bought)
    rows = (
        ("buyers", buyers), ("slices", slices), ("bought", seen.bought), ("refused for want of capacity", seen.refused),
        ("sold above what there is", max(0, seen.bought - slices)),
        ("orders sent for each buyer", f"{seen.orders / buyers:.2f}"),
        ("transactions for each success", f"{attempted / successes:.2f}"),
        ("answer p50", f"{statistics.median(seen.answer_times_s):.2f} s"),
        ("answer p99", f"{centile(seen.answer_times_s, 0.99):.2f} s"),
        ("order p50", f"{statistics.median(seen.order_times_s):.2f} s"),
        ("order p99", f"{centile(seen.order_times_s, 0.99):.2f} s"),
        ("answers", ", ".join(f"{count} × {answer}" for answer, count in seen.answers.most_common())),
    )  # fmt: skip
    return "\n".join(f"{name:<30} {value}" for name, value in rows)


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--buyers", type=int, default=64)
    options.add_argument("--hosts", type=int, default=16)
    options.add_argument("--slices", type=int, default=4, help="of each host")
    chosen = options.parse_args()
    size = {"vcpus": chosen.slices, "memory_mib": 65_536, "disk_gib": 1_000}
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedCloud(Path(folder) / "s", environment=FREE_OF_LIMITS) as cloud,
    ):
        provider = Person.join(cloud.url, "provider@example.com")
        buyers = join(cloud.url, chosen.buyers)
        hosts = [RemoteHost.enroll(provider, cloud.url, **size) for _ in range(chosen.hosts)]
        done = threading.Event()
        heartbeats = send_heartbeats(hosts, done)
        seen = asyncio.run(rush(cloud.url, buyers))
        done.set()
        for thread in heartbeats:
            thread.join()
        print(report(seen, chosen.buyers, chosen.hosts * chosen.slices, transactions(cloud)))
        disconnect_all()


if __name__ == "__main__":
    main()
