"""QEMU's monitor (QMP), connected per use, so that it is free for the next agent after a crash."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sharemtc_agent.files import write_whole
from sharemtc_agent.runtimes.qemu.processes import short_path
from sharemtc_agent.runtimes.runtime import RuntimeFailure

if TYPE_CHECKING:  # imported at run time only on hosts with VMs, to save memory
    from qemu.qmp import EventListener, QMPClient

SOCKET = "qmp.sock"
CONSOLE_BYTES = 65_536
_CALL_LIMIT_S = 10.0
_FORWARD = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s")
_BOOT_ID = re.compile(rb"sharemtc: boot_id=([0-9a-f-]{36})")

logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)


class Monitor:
    """A connection to one QEMU. Errors of every call: `RuntimeFailure` `monitor_lost` if QEMU is gone or hangs."""

    def __init__(self, client: QMPClient) -> None:
        self._client = client

    async def call(self, command: str, **arguments: object) -> object:
        from qemu.qmp import QMPError

        try:
            async with asyncio.timeout(_CALL_LIMIT_S):
                return await self._client.execute(command, dict(arguments) or None)
        except (QMPError, EOFError, OSError, TimeoutError) as error:
            raise RuntimeFailure("monitor_lost", f"QEMU did not do {command}: {type(error).__name__}") from error

    async def quit(self) -> None:
        """Asks QEMU to exit; a closed connection counts as success."""
        with suppress(RuntimeFailure):
            await self.call("quit")

    async def ssh_port(self) -> int:
        output = await self.call("human-monitor-command", **{"command-line": "info usernet"})
        match = _FORWARD.search(str(output))
        if match is None:
            raise RuntimeFailure("port_missing", "QEMU forwards no port to the guest")
        return int(match.group(1))

    async def reset(self) -> None:
        """Resets the VM and returns once that has happened: later answers are from the new boot."""
        with self._client.listener("RESET") as resets:
            await self.call("system_reset")
            await _one_event(resets)

    async def drain_console(self, log: Path) -> str:
        """Appends new console output to `log`, which keeps the last 64 KiB. Returns the last boot id in it."""
        output = await self.call("ringbuf-read", device="console", size=CONSOLE_BYTES, format="base64")
        old = log.read_bytes() if log.exists() else b""
        new = (old + base64.b64decode(str(output)))[-CONSOLE_BYTES:]
        if new != old:
            write_whole(log, new, durable=False)
        found = _BOOT_ID.findall(new)
        return found[-1].decode() if found else ""


async def _one_event(events: EventListener) -> None:
    try:
        async with asyncio.timeout(_CALL_LIMIT_S):
            await events.get()
    except TimeoutError:
        raise RuntimeFailure("monitor_lost", "QEMU did not confirm the reset") from None


@asynccontextmanager
async def open_monitor(folder: Path) -> AsyncIterator[Monitor]:
    """Connects to the QEMU of this folder. Errors: `RuntimeFailure` `monitor_lost`."""
    from qemu.qmp import QMPClient, QMPError

    client = QMPClient(folder.name)
    try:
        with short_path(folder / SOCKET) as name:
            async with asyncio.timeout(_CALL_LIMIT_S):
                await client.connect(name)
    except (QMPError, EOFError, OSError, TimeoutError) as error:
        raise RuntimeFailure("monitor_lost", f"QEMU's monitor does not answer: {type(error).__name__}") from error
    try:
        yield Monitor(client)
    finally:
        with suppress(QMPError, EOFError, OSError):
            await client.disconnect()
