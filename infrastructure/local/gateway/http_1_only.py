"""Hypercorn's HTTP/1.1 without its ways to HTTP/2: begun by the client's preface, or by `Upgrade: h2c`.

Without TLS nobody needs HTTP/2 here: browsers speak it over TLS only. A second protocol would come with limits of its
own: the time that headers may take and the size that they may have are those of HTTP/1.1.
"""

from __future__ import annotations

import h11
import hypercorn.protocol
from hypercorn.events import Closed
from hypercorn.protocol.h11 import H11Protocol

VERSION_NOT_SUPPORTED_STATUS = 505


class Http1Only(H11Protocol):  # type: ignore[misc]
    """Answers HTTP/1.0 and 1.1; an offer to change to another protocol is ignored, as RFC 9110, 7.8 allows."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """No other protocol is taken up."""

    async def _create_stream(self, request: h11.Request) -> None:
        if request.http_version in (b"1.0", b"1.1"):
            await super()._create_stream(request)
            return
        await self._send_error_response(VERSION_NOT_SUPPORTED_STATUS)
        await self.send(Closed())


def apply() -> None:
    """Let every connection of this process speak HTTP/1 only."""
    for name in ("_check_protocol", "_create_stream", "_send_error_response"):
        assert hasattr(H11Protocol, name), f"hypercorn's H11Protocol has no {name} any more"
    hypercorn.protocol.H11Protocol = Http1Only
