"""Reads a guest's SSH banner, the proof that it is up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle

from sharemtc_agent.runtimes.deadline import Deadline

MAX_BANNER_BYTES = 255
# A connection that is abandoned before the guest's network is up stays half open for over a minute, and all of them
# reach the guest's SSH server at once when it starts: it then closes further ones, the renter's first among them. So
# the console is watched first, and the port is only tried now and then for guests without console output.
CONSOLE_WATCH_S = 2.0
BANNER_LIMITS_S = (0.5, 2.0)
# a guest that is up forks a server for each connection, which is slow under software emulation
UP_BANNER_LIMIT_S = 5.0
_POLL_S = 0.1


async def wait_for_banner(
    address: str,
    port: int,
    deadline: Deadline,
    *,
    read_boot_id: Callable[[], Awaitable[str]],
    check: Callable[[], None],
    not_boot_id: str = "",
) -> tuple[str, str] | None:
    """The guest's SSH banner and its boot id, which is empty where the console shows none; None on timeout.

    `check` raises if waiting is pointless. A banner of the boot `not_boot_id` does not count.
    """
    abandoned = False
    for limit_s in cycle(BANNER_LIMITS_S):
        watched = deadline.within(CONSOLE_WATCH_S)
        while not (up := await read_boot_id() not in {"", not_boot_id}) and not watched.passed:
            check()
            await asyncio.sleep(_POLL_S)
        if deadline.passed:
            return None
        check()
        timeout_s = UP_BANNER_LIMIT_S if up else limit_s
        banner = await read_banner(address, port, limit_s=min(timeout_s, deadline.left_s))
        if banner is not None and abandoned:
            # a second banner shows that the abandoned connections no longer block others
            banner = await read_banner(address, port, limit_s=min(UP_BANNER_LIMIT_S, deadline.left_s))
        boot_id = await read_boot_id() if banner else ""
        if banner is not None and not (boot_id and boot_id == not_boot_id):
            return banner, boot_id
        abandoned = True
        await asyncio.sleep(_POLL_S)
    return None


async def read_banner(address: str, port: int, *, limit_s: float) -> str | None:
    """The SSH identification line (RFC 4253, 4.2), or None if none came in time."""
    writer = None
    try:
        async with asyncio.timeout(limit_s):
            reader, writer = await asyncio.open_connection(address, port, limit=MAX_BANNER_BYTES + 1)
            line = await reader.readline()
    except (OSError, TimeoutError, ValueError):
        return None
    finally:
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    if not line.startswith(b"SSH-") or not line.endswith(b"\n") or len(line) > MAX_BANNER_BYTES:
        return None
    text = line.decode("ascii", errors="replace").strip()
    return text[:200] if text.isprintable() else None
