"""Serves files, which are read again when they change, with 304 for current copies."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

NO_CACHE = "no-cache"


def answer_with(path: Path, request: Request, kind: str, cache: str) -> Response:
    """Raises OSError."""
    found = path.stat()
    content, tag = _read(path, found.st_mtime_ns, found.st_size)
    headers = {"Cache-Control": cache, "ETag": tag}
    if tag in _tags(request.headers.get("if-none-match", "")):
        # a 304 carries the same `Vary` as the full response (RFC 9110, 15.4.5)
        return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
    return Response(content, headers=headers, media_type=kind)


@functools.lru_cache(maxsize=256)
def _read(path: Path, changed_ns: int, size: int) -> tuple[bytes, str]:
    del changed_ns, size
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _tags(header: str) -> set[str]:
    """Weak and strong tags alike: the content counts, whatever its encoding."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
