"""Hypercorn's HTTP/1.1 without upgrades to HTTP/2, by the client's preface or `Upgrade: h2c`.

Without TLS nobody needs HTTP/2: browsers use it over TLS only. It would need its own limits; the limits for the time
and size of headers are those of HTTP/1.1.
"""

from __future__ import annotations

import h11
import hypercorn.protocol
from hypercorn.events import Closed
from hypercorn.protocol.h11 import H11Protocol

VERSION_NOT_SUPPORTED_STATUS = 505


class Http1Only(H11Protocol):  # type: ignore[misc]
    """Ignores an offer to change the protocol, as RFC 9110, 7.8 allows."""

    async def _check_protocol(self, event: h11.Request) -> None:
        pass

    async def _create_stream(self, request: h11.Request) -> None:
        if request.http_version in (b"1.0", b"1.1"):
            await super()._create_stream(request)
            return
        await self._send_error_response(VERSION_NOT_SUPPORTED_STATUS)
        await self.send(Closed())


def apply() -> None:
    for name in ("_check_protocol", "_create_stream", "_send_error_response"):
        assert hasattr(H11Protocol, name), f"hypercorn's H11Protocol has no {name} any more"
    hypercorn.protocol.H11Protocol = Http1Only
