"""Gzipped bodies, unpacked within a bound: what is longer is noticed at its first byte too many and never held."""

from __future__ import annotations

import zlib

from sharemtc.problems import BadRequest, TooLarge

# a body's own type rather than its `Content-Encoding`, which a gateway on the way may undo
GZIP_TYPE = "application/gzip"
_GZIP = 16 + zlib.MAX_WBITS


def gunzip(packed: bytes, max_bytes: int) -> bytes:
    """What `packed` holds. Errors: `TooLarge` beyond `max_bytes`; `BadRequest` when it is not one whole gzip member."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise BadRequest("The body is not gzip.") from error
    if len(unpacked) > max_bytes:
        raise TooLarge(f"At most {max_bytes} bytes when unpacked.")
    if not unpacking.eof:
        raise BadRequest("The gzipped body is cut off.")
    if unpacking.unused_data:
        raise BadRequest("Something follows the gzipped body.")
    return unpacked
