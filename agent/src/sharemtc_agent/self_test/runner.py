"""The whole self-test."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sharemtc.wire import SelfTest, SelfTestCheck, Verdict
from sharemtc_agent import __version__
from sharemtc_agent.config import Config
from sharemtc_agent.inventory import read_inventory
from sharemtc_agent.runtimes.registry import probe_vms
from sharemtc_agent.self_test.connectivity import check_control_plane
from sharemtc_agent.self_test.disk_speed import check_disk_speed
from sharemtc_agent.self_test.findings import finding
from sharemtc_agent.self_test.guest_ports import check_guest_ports
from sharemtc_agent.self_test.machine import check_containers, check_gpus, check_guests, check_machine, check_user
from sharemtc_agent.sensors.capabilities import find_engines
from sharemtc_agent.sensors.guard import guarded


async def run_self_test(state: Path, config: Config) -> SelfTest:
    """Runs all checks, including booting a VM. The disk is tested before, so that neither slows the other."""
    begun = datetime.now(UTC)
    speed = await asyncio.to_thread(_run_check, "disk_write", lambda: check_disk_speed(state))
    missing = ""
    if sys.platform == "linux":
        from sharemtc_agent.runtimes.qemu.packages import advice

        missing = advice()
    vms = await probe_vms(state, state / "vms", config.guest_address, afresh=True)
    engines = await asyncio.to_thread(find_engines)
    inventory = await asyncio.to_thread(read_inventory, config, state, vms, engines)
    connectivity: tuple[SelfTestCheck, ...] = ()
    if config.url:
        connectivity = await asyncio.to_thread(_run_check, "control_plane", lambda: check_control_plane(config.url))
    return SelfTest(
        started_at=begun,
        finished_at=datetime.now(UTC),
        agent_version=__version__,
        checks=(
            *_run_check("system", lambda: check_machine(state, inventory)),
            *speed,
            *_run_check("virtualisation", lambda: check_guests(inventory, missing)),
            *_run_check("guest_ports", lambda: check_guest_ports(config) if vms.accelerator else ()),
            *_run_check("container_engine", lambda: (check_containers(engines.containers),)),
            *_run_check("gpus", lambda: (check_gpus(inventory),)),
            *_run_check("user", lambda: (check_user(),)),
            *connectivity,
        ),
    )


def _run_check(name: str, check: Callable[[], tuple[SelfTestCheck, ...]]) -> tuple[SelfTestCheck, ...]:
    """The results; a check that raises counts as failed and does not stop the others."""
    return guarded(
        f"self-test {name}", check, lambda why: (finding(name, Verdict.FAIL, f"the check could not run: {why}"),)
    )


def failed(test: SelfTest) -> bool:
    return any(check.verdict is Verdict.FAIL for check in test.checks)


def table(test: SelfTest) -> list[str]:
    width = max(len(check.name) for check in test.checks)
    return [f"{_shown(check.verdict)} {check.name:<{width}}  {check.detail}" for check in test.checks]


def _shown(verdict: Verdict) -> str:
    return f"{'FAIL' if verdict is Verdict.FAIL else verdict.value:<5}"
