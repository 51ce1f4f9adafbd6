"""Compresses text responses for clients that accept it, where that makes them shorter."""

from __future__ import annotations

import asyncio
import functools
import gzip

from infrastructure.local.gateway.accept_encoding import takes_gzip
from starlette.requests import Request
from starlette.responses import Response

# below this, compression saves less than a packet's headers
MIN_BYTES = 1024
LEVEL = 6
# larger bodies are compressed on a thread, so that they do not block other requests
ASIDE_BYTES = 64 * 1024
TEXTUAL = frozenset(
    ("application/json", "application/problem+json", "application/manifest+json", "application/javascript",
     "application/wasm", "application/xml", "image/svg+xml")
)  # fmt: skip


async def compressed(request: Request, response: Response) -> Response:
    if not _compressible(response):
        return response
    response.headers.add_vary_header("Accept-Encoding")
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return response
    body = bytes(response.body)
    # cacheable responses are requested repeatedly; others differ each time
    pack = _pack if response.headers.get("cache-control") == "no-store" else _pack_kept
    packed = await asyncio.to_thread(pack, body) if len(body) >= ASIDE_BYTES else pack(body)
    if len(packed) >= len(body):
        return response
    response.body = packed
    response.headers["content-length"] = str(len(packed))
    response.headers["content-encoding"] = "gzip"
    tag = response.headers.get("etag")
    if tag is not None and not tag.startswith("W/"):
        # the same document, encoded differently (RFC 9110, 8.8.1)
        response.headers["etag"] = f"W/{tag}"
    return response


def _compressible(response: Response) -> bool:
    headers = response.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(response.body) < MIN_BYTES or "content-encoding" in headers or response.status_code == 206:
        return False
    # the API's tags are versions for `If-Match`, which ignores weak tags (RFC 9110, 13.1.1)
    if "etag" in headers and headers.get("cache-control") == "no-store":
        return False
    return kind.startswith("text/") or kind in TEXTUAL


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)


_pack_kept = functools.lru_cache(maxsize=64)(_pack)
