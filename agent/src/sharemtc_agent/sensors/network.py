"""The network: how fast its links are, and what went through them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Traffic:
    """Bytes since the machine started, over all interfaces but loopback."""

    rx_bytes: int
    tx_bytes: int


def network_traffic() -> Traffic:
    """Zero where the kernel shows no interface."""
    try:
        counters = psutil.net_io_counters(pernic=True)
    except OSError:
        return Traffic(0, 0)
    outside = [each for name, each in counters.items() if not _is_loopback(name)]
    return Traffic(sum(int(each.bytes_recv) for each in outside), sum(int(each.bytes_sent) for each in outside))


def network_mbps(interfaces: Path = Path("/sys/class/net")) -> int | None:
    """The speed of the fastest link that is up, None where the system does not know it.

    On Linux only links of hardware count where there are any: bridges and tunnels name speeds that nothing has.
    """
    try:
        stats = psutil.net_if_stats()
    except OSError:
        return None
    up = {name: int(each.speed) for name, each in stats.items() if each.isup and not _is_loopback(name)}
    if sys.platform == "linux":
        hardware = {name: speed for name, speed in up.items() if (interfaces / name / "device").exists()}
        up = hardware or up
    speeds = [speed for speed in up.values() if 0 < speed < 10_000_000]
    return max(speeds, default=None)


def _is_loopback(name: str) -> bool:
    return name == "lo" or name.startswith(("lo0", "Loopback"))
