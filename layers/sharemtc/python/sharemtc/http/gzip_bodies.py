"""Decompresses gzip bodies up to a limit. A larger body is rejected at the first byte above it and never held."""

from __future__ import annotations

import zlib

from sharemtc.problems import BadRequest, TooLarge

# a content type rather than `Content-Encoding`, which a gateway on the way may undo
GZIP_TYPE = "application/gzip"
_GZIP = 16 + zlib.MAX_WBITS


def gunzip(packed: bytes, max_bytes: int) -> bytes:
    """Errors: `TooLarge` above `max_bytes`; `BadRequest` unless `packed` is exactly one complete gzip member."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise BadRequest("The body is not gzip.") from error
    if len(unpacked) > max_bytes:
        raise TooLarge(f"At most {max_bytes} bytes when unpacked.")
    if not unpacking.eof:
        raise BadRequest("The gzip body is truncated.")
    if unpacking.unused_data:
        raise BadRequest("There is data after the gzip body.")
    return unpacked
