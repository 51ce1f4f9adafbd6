"""Patch: the emulator answers only those who know a token of this start.

Upstream, whoever reaches the port may do anything, and every answer allows every web origin, so a page open in the
developer's browser could read the tables. Here there are two tokens. The SDK sends the full one as the session token of
its credentials. The gateway, which carries what strangers send, knows only the other: with it nothing but the
deployed API and the health page exist, so that a mistake there reaches no table, secret or function. The guard is also
the last line of defence against other users of the machine.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from infrastructure.local.emulator.settings import EmulatorSettings

SDK_HEADER = b"x-amz-security-token"
GATEWAY_HEADER = b"x-sharemtc-cloud"
HEALTH_PATH = "/_ministack/health"
# decoded, as the emulator reads it; this check does not rely on the gateway's
_SEGMENT = r"(?![. ]+(?:/|$))[^/\\%;?#\x00-\x1f\x7f-\uffff]+"
_API_PATH = re.compile(rf"/restapis/[a-zA-Z0-9]+/[a-zA-Z0-9_-]+/_user_request_/v1(?:/{_SEGMENT})+/?")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


def guarded(application: Application, settings: EmulatorSettings) -> Application:
    """The application for holders of a token; 403 for everybody else."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        if scope["type"] != "http" or not _may_pass(scope, settings):
            await _refuse(scope, send)
            return
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != GATEWAY_HEADER]
        await application(scope, receive, send)

    return guard


def _may_pass(scope: Scope, settings: EmulatorSettings) -> bool:
    tokens = [value for name, value in scope["headers"] if name in (SDK_HEADER, GATEWAY_HEADER)]
    if len(tokens) != 1:
        return False
    headers = dict(scope["headers"])
    if SDK_HEADER in headers:
        return hmac.compare_digest(headers[SDK_HEADER], settings.token.encode())
    return hmac.compare_digest(headers[GATEWAY_HEADER], settings.gateway_token.encode()) and _is_for_the_api(
        scope, settings
    )


def _is_for_the_api(scope: Scope, settings: EmulatorSettings) -> bool:
    """Whether the emulator will read this as a request of the deployed API, by path, host and credentials."""
    headers = dict(scope["headers"])
    if headers.get(b"host") != f"127.0.0.1:{settings.port}".encode():
        return False
    if any(name.startswith(b"x-amz-") for name in headers) or headers.get(b"authorization", b"").startswith(b"AWS"):
        return False
    if _API_PATH.fullmatch(scope["path"]):
        return True
    return scope["method"] == "GET" and scope["path"] == HEALTH_PATH and not scope["query_string"]


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"This port is for ShareMTC itself.\n"})
