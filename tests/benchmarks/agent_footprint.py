"""What the agent takes of its machine at rest: memory and processor time, against the limits of the design.

    python -m tests.benchmarks.agent_footprint [SECONDS]

Enrolls an agent at a control plane on loopback, lets it start and test itself, then watches it for a minute. Prints
resident memory, processor time as a share of one core, and the ratio of each to its limit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil
from tests.agent.agents import Agent
from tests.agent.control_plane import ControlPlane

MEMORY_LIMIT_MB = 60.0
CPU_LIMIT_PERCENT = 1.0
WATCHED_S = 60.0
SETTLE_S = 10.0


def main() -> None:
    """Print the figures."""
    watched_s = float(sys.argv[1]) if len(sys.argv) > 1 else WATCHED_S
    with tempfile.TemporaryDirectory() as folder, ControlPlane() as plane, Agent(Path(folder) / "state") as agent:
        plane.heartbeat_interval_s, plane.command_poll_s = 10, 2  # the pace of the real one
        agent.enroll(plane)
        agent.start()
        plane.wait(lambda: bool(plane.self_tests), "the self-test", 120)
        time.sleep(SETTLE_S)
        assert agent.process is not None
        process = psutil.Process(agent.process.pid)
        before, begun, peak_mb = process.cpu_times(), time.monotonic(), 0.0
        while time.monotonic() - begun < watched_s:
            peak_mb = max(peak_mb, process.memory_info().rss / 1e6)
            time.sleep(1)
        after, elapsed_s = process.cpu_times(), time.monotonic() - begun
        used_percent = 100 * (after.user + after.system - before.user - before.system) / elapsed_s
        unique_mb = process.memory_full_info().uss / 1e6
        print(f"resident  {peak_mb:6.1f} MB at most, {unique_mb:.1f} MB of them its own", end="")
        print(f"   {peak_mb / MEMORY_LIMIT_MB:.2f} of {MEMORY_LIMIT_MB:g} MB")
        print(f"processor {used_percent:6.2f} % of a core over {elapsed_s:.0f} s", end="")
        print(f"   {used_percent / CPU_LIMIT_PERCENT:.2f} of {CPU_LIMIT_PERCENT:g} %")
        print(f"threads   {process.num_threads():6d}")
        beats, batches = len(plane.heartbeats), len(plane.batches)
        print(f"told      {beats} heartbeats and {batches} batches in {len(plane.requests)} requests")
        assert agent.end() == 0


if __name__ == "__main__":
    main()
