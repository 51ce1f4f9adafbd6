"""The network: how fast its links are, and what went through them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERFACES = Path("/sys/class/net")
_UNKNOWN = 65_535


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
    return max((speed for speed in _speeds(interfaces) if speed is not None), default=None)


def links_mbps(interfaces: Path = INTERFACES) -> int | None:
    """What all links that are up carry together, None where the system does not know the speed of one of them."""
    speeds = _speeds(interfaces)
    known = [speed for speed in speeds if speed is not None]
    return sum(known) if known and len(known) == len(speeds) else None


def _speeds(interfaces: Path) -> list[int | None]:
    """Of each link that is up. Virtual ones often say -1, 0 or 65535, which is no speed."""
    try:
        stats = psutil.net_if_stats()
    except OSError:
        return []
    up = {name: int(each.speed) for name, each in stats.items() if each.isup}
    return [up[name] if 0 < up[name] < 10_000_000 and up[name] != _UNKNOWN else None for name in _links(up, interfaces)]


def _links(names: Iterable[str], interfaces: Path) -> list[str]:
    """Links of hardware where Linux knows any, else, as in a container, all but loopback.

    What a virtual function carries goes through its physical function, where that is here too, and is counted there.
    """
    outside = [name for name in names if not _is_loopback(name)]
    if sys.platform != "linux":
        return outside
    hardware = [name for name in outside if (interfaces / name / "device").exists()]
    parents = {name: _parents(interfaces / name) for name in hardware}
    return [name for name in hardware if not parents[name] & set(hardware)] or outside


def _parents(interface: Path) -> set[str]:
    """The links of the physical function of which that one is a virtual function."""
    try:
        return {each.name for each in (interface / "device" / "physfn" / "net").iterdir()}
    except OSError:
        return set()


def _is_loopback(name: str) -> bool:
    return name == "lo" or name.startswith(("lo0", "Loopback"))
