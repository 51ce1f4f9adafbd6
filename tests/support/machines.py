"""A VM that runs on a host of the small world, and what is left of that host."""

from __future__ import annotations

from datetime import timedelta

from tests.support.world import Host, Person, World

from sharemtc.hosts.liveness.leases import read_state

WHOLE = {"vcpus": 4, "memory_mib": 8192, "disk_gib": 100}
START_MICROS = 10_000_000


def free(host: Host) -> dict[str, int]:
    capacity, _ = read_state(host.id)
    return {
        "vcpus": capacity.free_vcpus,
        "memory_mib": capacity.free_memory_mib,
        "disk_gib": capacity.free_disk_gib,
    }


def run(world: World, renter: Person, host: Host) -> str:
    """A VM that runs."""
    answer = renter.rent()
    assert answer.status == 201, answer.text
    vm_id = str(answer.json["id"])
    world.carry_out(renter, host, vm_id, "running")
    return vm_id


def wait(world: World, host: Host, seconds: int) -> None:
    """Let time pass, with a heartbeat at its last full ten seconds."""
    world.time.advance(timedelta(seconds=seconds - seconds % 10))
    assert host.heartbeat().status == 200
    world.time.advance(timedelta(seconds=seconds % 10))
