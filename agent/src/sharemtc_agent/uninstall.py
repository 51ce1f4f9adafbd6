"""Uninstalls the agent: retires the host at the platform, deletes the data and writes a receipt."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from sharemtc.wire import Farewell, RetireReceipt
from sharemtc_agent import __version__
from sharemtc_agent.client import ApiError
from sharemtc_agent.config import AgentRunning, Config, ConfigError, State
from sharemtc_agent.connection import connected
from sharemtc_agent.error_advice import HOST_CLOSED, read_closed_reason
from sharemtc_agent.files import write_whole
from sharemtc_agent.runtimes.registry import find_runtimes
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.service_unit import Unit, find_unit

REASON = "uninstalled by the owner"


class WorkloadsLeft(ConfigError):
    """Renters' VMs are on this host: an uninstall deletes none that somebody may still pay for."""

    def __init__(self, workload_ids: tuple[str, ...]) -> None:
        named = " ".join(workload_ids[:20]) + (f" and {len(workload_ids) - 20} more" if len(workload_ids) > 20 else "")
        super().__init__(f"renters' VMs are on this host: {named}. Run `sharemtc-agent drain` and wait until they end")


class Receipt(BaseModel):
    """What was done. `retired_at` comes from the platform, None if it was not asked or had retired the host before."""

    model_config = ConfigDict(frozen=True)

    host_id: str | None
    url: str
    retired_at: datetime | None
    platform_note: str
    uninstalled_at: datetime
    agent_version: str
    removed: tuple[str, ...]
    freed_bytes: int
    left: tuple[str, ...]

    def lines(self) -> list[str]:
        retired = f"{self.retired_at:%Y-%m-%d %H:%M:%S} UTC" if self.retired_at else "no"
        return [
            f"host      {self.host_id or 'was not enrolled'}",
            f"retired   {retired}{f' ({self.platform_note})' if self.platform_note else ''}",
            *(f"removed   {each}" for each in self.removed),
            f"freed     {self.freed_bytes / 1e6:.1f} MB",
            *(f"left      {each}" for each in self.left),
        ]


@dataclass(frozen=True)
class Retirement:
    """The platform's answer to the retirement."""

    retired_at: datetime | None = None
    note: str = ""


def uninstall(state: State, *, offline: bool, receipt_file: Path | None, unit: Unit | None = None) -> Receipt:
    """Does all of it or nothing: until the platform has agreed, everything stays.

    Errors: `ConfigError` (`WorkloadsLeft`, `AgentRunning`), `ApiError`, `OSError`.
    """
    config = state.read_config()
    if read_closed_reason(state.closed_file) is None and (offline or state.running_pid()):
        _refuse_workloads(state)  # a running agent would know that the host is closed
    unit = unit or find_unit(state.path)
    if unit is not None:
        unit.stop()
    try:
        with state.lock():
            if _workload_ids(state) and not _is_closed(state, config, offline=offline):
                _refuse_workloads(state)
            retirement = _retire(state, config, offline=offline)
            gone = asyncio.run(_destroy(state))
            receipt = _remove(state, config, unit, retirement, gone)
    except AgentRunning:
        raise AgentRunning(f"the agent is running as process {state.running_pid()}: stop it first") from None
    except (ApiError, ConfigError):
        if unit is not None:
            unit.start()
        raise
    write_whole(receipt_file or _receipt_file(receipt), (receipt.model_dump_json(indent=2) + "\n").encode())
    return receipt


def _refuse_workloads(state: State) -> None:
    """Stopped VMs count too: their disks belong to renters."""
    workload_ids = _workload_ids(state)
    if workload_ids:
        raise WorkloadsLeft(workload_ids)


def _workload_ids(state: State) -> tuple[str, ...]:
    """What is on disk, and processes whose files were deleted."""
    return tuple(each for runtime in find_runtimes(state.vms).values() for each in runtime.workload_ids())


def _is_closed(state: State, config: Config | None, *, offline: bool) -> bool:
    """Whether the platform has closed this host, so that nobody pays for its workloads. Asks it unless `offline`.

    Errors: `ApiError` if it cannot be asked.
    """
    if config is None or config.host_id is None:
        return False
    if offline:
        return read_closed_reason(state.closed_file) is not None
    try:
        asyncio.run(_send_probe(state, config))
    except ApiError as error:
        if error.code == HOST_CLOSED:
            return True
        raise _suggest_offline(error) from None
    return False


async def _send_probe(state: State, config: Config) -> None:
    """Any request without side effects: a closed host gets an error."""
    async with connected(state, config) as client:
        await client.commands()


async def _destroy(state: State) -> tuple[str, ...]:
    ended: list[str] = []
    for runtime in find_runtimes(state.vms).values():
        for workload_id in runtime.workload_ids():
            try:
                await runtime.terminate(workload_id)
            except RuntimeFailure as error:
                raise OSError(f"{workload_id} could not be ended: {error}") from None
            ended.append(workload_id)
    return tuple(ended)


def _retire(state: State, config: Config | None, *, offline: bool) -> Retirement:
    if config is None or config.host_id is None:
        return Retirement(note="not enrolled")
    if offline:
        return Retirement(
            note="the platform was not contacted: it lists this host as offline until its provider retires it there"
        )
    try:
        answer = asyncio.run(_send_retirement(state, config))
    except ApiError as error:
        if error.code == HOST_CLOSED:
            return Retirement(note="the platform had already closed this host")
        raise _suggest_offline(error) from None
    return Retirement(retired_at=answer.retired_at)


async def _send_retirement(state: State, config: Config) -> RetireReceipt:
    async with connected(state, config) as client:
        return await client.retire(Farewell(reason=REASON))


def _suggest_offline(error: ApiError) -> ApiError:
    if error.status:
        return error
    return ApiError(error.code, f"{error.detail}; use --offline to uninstall without the platform")


def _remove(
    state: State, config: Config | None, unit: Unit | None, retirement: Retirement, guests: tuple[str, ...]
) -> Receipt:
    removed = [f"{workload_id} (a VM that was no longer paid for)" for workload_id in guests]
    if unit is not None:
        unit.remove()
        removed.append(str(unit.file))
    freed_bytes = sum(_taken_bytes(file) for file in state.path.rglob("*"))
    shutil.rmtree(state.path)
    removed.append(f"{state.path} (including the host's key)")
    return Receipt(
        host_id=config.host_id if config else None,
        url=config.url if config else "",
        retired_at=retirement.retired_at,
        platform_note=retirement.note,
        uninstalled_at=datetime.now(UTC),
        agent_version=__version__,
        removed=tuple(removed),
        freed_bytes=freed_bytes,
        left=_program_files(),
    )


def _taken_bytes(file: Path) -> int:
    """Allocated bytes: VM disks are sparse."""
    stat = file.lstat()
    return int(stat.st_blocks * 512 if hasattr(stat, "st_blocks") else stat.st_size)


def _program_files() -> tuple[str, ...]:
    """The program still runs while its receipt is written, so its owner deletes it."""
    if sys.prefix == sys.base_prefix:
        return ()
    venv, link = Path(sys.prefix), shutil.which("sharemtc-agent")
    folder = venv.parents[1] if venv.parent.name == "releases" else venv  # as the installer lays it out
    return (f"the program: rm -rf {folder}{f' {link}' if link else ''}",)


def _receipt_file(receipt: Receipt) -> Path:
    return Path.home() / f"sharemtc-agent-receipt-{receipt.host_id or 'unenrolled'}.json"
