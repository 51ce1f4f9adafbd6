"""The network: link speeds and traffic."""

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
    """Bytes since boot, over all links."""

    rx_bytes: int
    tx_bytes: int


def network_traffic(interfaces: Path = INTERFACES) -> Traffic:
    """Zero if the kernel shows no interface.

    Traffic of bridges, bonds and tunnels also passes a hardware link and is counted there, once.
    """
    try:
        counters = psutil.net_io_counters(pernic=True)
    except OSError:
        return Traffic(0, 0)
    counted = [counters[name] for name in _links(counters, interfaces)]
    return Traffic(sum(int(each.bytes_recv) for each in counted), sum(int(each.bytes_sent) for each in counted))


def network_mbps(interfaces: Path = INTERFACES) -> int | None:
    return max((speed for speed in _speeds(interfaces) if speed is not None), default=None)


def links_mbps(interfaces: Path = INTERFACES) -> int | None:
    """The combined speed of all links that are up, None if any is unknown."""
    speeds = _speeds(interfaces)
    known = [speed for speed in speeds if speed is not None]
    return sum(known) if known and len(known) == len(speeds) else None


def _speeds(interfaces: Path) -> list[int | None]:
    """Speed of each link that is up. Virtual links often report -1, 0 or 65535, which means unknown."""
    try:
        stats = psutil.net_if_stats()
    except OSError:
        return []
    up = {name: int(each.speed) for name, each in stats.items() if each.isup}
    return [up[name] if 0 < up[name] < 10_000_000 and up[name] != _UNKNOWN else None for name in _links(up, interfaces)]


def _links(names: Iterable[str], interfaces: Path) -> list[str]:
    """Hardware links if Linux knows any, else (as in a container) all except loopback.

    Traffic of a virtual function is counted at its physical function, if that is here too.
    """
    outside = [name for name in names if not _is_loopback(name)]
    if sys.platform != "linux":
        return outside
    hardware = [name for name in outside if (interfaces / name / "device").exists()]
    parents = {name: _parents(interfaces / name) for name in hardware}
    return [name for name in hardware if not parents[name] & set(hardware)] or outside


def _parents(interface: Path) -> set[str]:
    try:
        return {each.name for each in (interface / "device" / "physfn" / "net").iterdir()}
    except OSError:
        return set()


def _is_loopback(name: str) -> bool:
    return name == "lo" or name.startswith(("lo0", "Loopback"))
