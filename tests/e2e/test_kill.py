"""kill -9 of everything at the worst moment: no accepted write is lost, what was under way arrives, charged right."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from tests.e2e.conftest import Person, Platform, SshKey, eventually, running_platform
from tests.e2e.test_thread import ms

from sharemtc import money

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, ssh_key: SshKey) -> Iterator[Platform]:
    """A platform of its own, to be killed."""
    with running_platform(tmp_path_factory.mktemp("kill") / "s", ssh_key) as platform:
        yield platform


def kill_everything(platform: Platform) -> None:
    """Launcher, emulator, gateway, functions, agent and guests, all with SIGKILL."""
    assert platform.cloud.process is not None
    family = psutil.Process(platform.cloud.process.pid)
    doomed = [*family.children(recursive=True), family, *map(psutil.Process, platform.guests())]
    for process in doomed:
        if process.is_running():
            os.kill(process.pid, signal.SIGKILL)
    platform.cloud.process.wait()
    psutil.wait_procs(doomed, timeout=10)


def booting(person: Person, vm_id: str) -> bool:
    return bool(person.vm(vm_id)["phases"][3]["state"] == "active")


class TestKillDuringBoot:
    def test_arrives_and_is_charged_right(self, platform: Platform) -> None:
        person = platform.join("kill@example.com")
        before = platform.host()["free"]
        vm_id = person.rent(name="killed")
        eventually(lambda: booting(person, vm_id), "the guest boots")
        kill_everything(platform)
        assert platform.guests() == []
        platform.cloud.start()
        vm = person.wait(vm_id, "running")
        assert platform.key.run(vm["connect"]["command"], "hostname") == "killed\n"
        person.act(vm_id, "terminate")
        ended = person.wait(vm_id, "terminated")
        allocation = ended["allocation_id"]
        accruals = person.call("GET", f"/v1/billing/accruals?allocation_id={allocation}&limit=200")["items"]
        start, end = accruals[-1]["started_at"], accruals[0]["ended_at"]
        assert ms(start) >= ms(vm["started_at"]), "paid from the proof, not from the order"
        due = money.cumulative_micros(vm["running_rate_nanos_per_hour"], ms(end) - ms(start))
        assert person.call("GET", "/v1/billing/balance")["settled_micros"] == 10_000_000 - due
        assert platform.host()["free"] == before


def listed_since(person: Person, vm_id: str, instant: str) -> dict[str, Any] | None:
    vm = person.vm(vm_id)
    return vm if ms(vm["host_heard_at"]) > ms(instant) + 15_000 else None


class TestKillWhileRunning:
    def test_the_platform_adopts_what_runs(self, platform: Platform) -> None:
        person = platform.join("adopt@example.com")
        vm_id = person.rent(name="adopted")
        vm = person.wait(vm_id, "running")
        # until a heartbeat has named the boot and its uptime, nothing could prove that it ran through a gap
        eventually(lambda: ms(person.vm(vm_id)["proven_until"]) > ms(vm["started_at"]), "a heartbeat that lists it")
        (guest,) = platform.guests()
        uptime_s = float(platform.key.run(vm["connect"]["command"], "cut -d. -f1 /proc/uptime"))
        killed_at = person.vm(vm_id)["as_of"]
        platform.cloud.kill()
        assert platform.guests() == [guest], "renters' machines outlive the control plane"
        platform.cloud.start()
        again = person.wait(vm_id, "running")
        assert again["generation"] == vm["generation"]
        assert float(platform.key.run(again["connect"]["command"], "cut -d. -f1 /proc/uptime")) >= uptime_s
        heard = eventually(lambda: listed_since(person, vm_id, killed_at), "a heartbeat after the restart")
        ran_ms = ms(heard["proven_until"]) - ms(heard["started_at"])
        assert ran_ms - 2_000 <= heard["billed_s"] * 1000 <= ran_ms, "its uptime proves that it ran on meanwhile"
        person.act(vm_id, "terminate")
        person.wait(vm_id, "terminated")
        assert platform.guests() == []
