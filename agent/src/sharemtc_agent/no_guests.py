"""A machine whose system runs no guests: macOS and Windows are watched, and sell nothing."""

from __future__ import annotations

from sharemtc.wire import Command, HeartbeatAnswer, UnsupportedCommand, Workload
from sharemtc_agent.sensors.capabilities import LINUX_ONLY
from sharemtc_agent.sensors.workload import WorkloadUse


class NoGuests:
    """Answers what `Guests` answers, of none."""

    hypervisor = None
    note = LINUX_ONLY

    async def probe(self, listen_address: str) -> None:
        """There is nothing to find out."""

    def resume(self) -> None:
        """There is nothing to go on with."""

    def workloads(self) -> tuple[Workload, ...]:
        return ()

    def running_ids(self) -> tuple[str, ...]:
        return ()

    def uses(self) -> dict[str, tuple[int, WorkloadUse]]:
        return {}

    def submit(self, commands: tuple[Command | UnsupportedCommand, ...]) -> None:
        """Such a host is sold to nobody, so it gets no commands; one that comes all the same is left to expire."""

    async def obey(self, answer: HeartbeatAnswer, reported: tuple[Workload, ...]) -> None:
        """Nothing runs that could be asked for anything."""

    def stop_overdue(self) -> None:
        """Nothing runs."""

    async def close(self) -> None:
        """Nothing is under way."""
