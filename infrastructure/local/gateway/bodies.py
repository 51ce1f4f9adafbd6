"""Reads request bodies within limits of size and time."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

LIMIT_BYTES = 1024 * 1024
# a client that is still sending does not read: up to this much is discarded so that it sees the response
DRAIN_LIMIT_BYTES = 16 * 1024 * 1024


class BodyTooLarge(Exception):
    pass


class BodyTooSlow(Exception):
    """The body was announced and did not come in time."""


async def read(request: Request, timeout_s: float) -> bytes:
    """Raises BodyTooLarge, BodyTooSlow."""
    chunks, total = [], 0
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                total += len(chunk)
                if total <= LIMIT_BYTES:
                    chunks.append(chunk)
                if total > DRAIN_LIMIT_BYTES:
                    break
    except (TimeoutError, ClientDisconnect):
        raise BodyTooSlow from None
    if total > LIMIT_BYTES:
        raise BodyTooLarge
    return b"".join(chunks)
