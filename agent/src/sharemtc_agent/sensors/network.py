"""The network: how fast its links are, and what went through them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERFACES = Path("/sys/class/net")


@dataclass(frozen=True)
class Traffic:
    """Bytes since the machine started, over all links of the machine."""

    rx_bytes: int
    tx_bytes: int


def network_traffic(interfaces: Path = INTERFACES) -> Traffic:
    """Zero where the kernel shows no interface.

    What goes over a bridge, a bond or a tunnel goes over a link of hardware, too: it is counted there, once.
    """
    try:
        counters = psutil.net_io_counters(pernic=True)
    except OSError:
        return Traffic(0, 0)
    counted = [counters[name] for name in _links(counters, interfaces)]
    return Traffic(sum(int(each.bytes_recv) for each in counted), sum(int(each.bytes_sent) for each in counted))


def network_mbps(interfaces: Path = INTERFACES) -> int | None:
    """The speed of the fastest link that is up, None where the system does not know it."""
    try:
        stats = psutil.net_if_stats()
    except OSError:
        return None
    up = {name: int(each.speed) for name, each in stats.items() if each.isup}
    speeds = [up[name] for name in _links(up, interfaces) if 0 < up[name] < 10_000_000]
    return max(speeds, default=None)


def _links(names: Iterable[str], interfaces: Path) -> list[str]:
    """Links of hardware where Linux knows any, else, as in a container, all but loopback."""
    outside = [name for name in names if not _is_loopback(name)]
    hardware = [name for name in outside if (interfaces / name / "device").exists()] if sys.platform == "linux" else []
    return hardware or outside


def _is_loopback(name: str) -> bool:
    return name == "lo" or name.startswith(("lo0", "Loopback"))
