"""The runtimes of this machine by kind, imported only where the system supports them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from sharemtc.wire import WorkloadKind
from sharemtc_agent.runtimes.runtime import ProbeResult, Runtime
from sharemtc_agent.sensors.capabilities import LINUX_ONLY


def find_runtimes(vms: Path) -> Mapping[WorkloadKind, Runtime]:
    if sys.platform != "linux":
        return {}
    from sharemtc_agent.runtimes.qemu.runtime import QemuRuntime

    runtimes: tuple[Runtime, ...] = (QemuRuntime(vms),)
    return {runtime.kind: runtime for runtime in runtimes}


async def probe_vms(state: Path, vms: Path, listen_address: str, *, afresh: bool = False) -> ProbeResult:
    runtime = find_runtimes(vms).get(WorkloadKind.VM)
    return ProbeResult(LINUX_ONLY) if runtime is None else await runtime.probe(state, listen_address, afresh=afresh)
