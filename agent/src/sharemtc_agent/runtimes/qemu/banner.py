"""The proof that a guest is up: its SSH server greets through the forwarded port."""

from __future__ import annotations

import asyncio
from contextlib import suppress

MAX_BANNER_BYTES = 255


async def read_banner(address: str, port: int, *, limit_s: float) -> str | None:
    """The SSH identification line (RFC 4253, 4.2) that the guest sends, or None if none came in time."""
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
