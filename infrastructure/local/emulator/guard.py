"""Mend: the emulator answers only those who know its token.

Stock, whoever reaches the port may do anything, and every answer allows every web origin, so a page open in the
developer's browser could read the tables. Here each request must carry the token of this start: the SDK sends it as the
session token of its credentials, the front door as a header. It is also the last line of defence against other users
of the machine.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

SDK_HEADER = b"x-amz-security-token"
DIRECT_HEADER = b"x-sharemtc-cloud"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def guarded(application: Application, token: str) -> Application:
    """The application for holders of the token; 403 for everybody else."""
    expected = token.encode()

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        headers = dict(scope.get("headers") or ())
        presented = headers.get(SDK_HEADER) or headers.get(DIRECT_HEADER) or b""
        if scope["type"] != "http" or not hmac.compare_digest(presented, expected):
            await _refuse(scope, send)
            return
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != DIRECT_HEADER]
        await application(scope, receive, send)

    return guard


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"This port is for ShareMTC itself.\n"})
