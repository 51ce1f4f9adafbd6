"""Decides which requests reach the API, which shares an address with the emulator's privileged interface.

Nothing from the client is joined to an address: the path is split, each decoded segment is checked, and the target is
built from the segments that passed. What is not certain is not forwarded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes

PREFIX = b"/v1/"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TOKEN_HEADER = "x-sharemtc-cloud"  # noqa: S105 - the name of a header
# RFC 9110 §7.6.1, and the headers that the gateway sets itself
HOP_BY_HOP = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "http2-settings", "expect", "content-length", "host", "x-forwarded-for",
        "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", TOKEN_HEADER,
    )
)  # fmt: skip
# these could change the method or path after the check
_OVERRIDES = re.compile(r"x-http-method(-override)?|x-method-override|x-original-ur[il]|x-rewrite-url")
# these address AWS services, and so the emulator: tables, secrets and functions
_AWS_HEADERS = re.compile(r"x-amzn?-.*")
_AWS_AUTHORIZATION = re.compile(rb"\s*AWS", re.IGNORECASE)
_AWS_QUERY = re.compile(rb"\s*(x-amz-|awsaccesskeyid$)", re.IGNORECASE)
_AWS_CODING = b"aws-chunked"

# a percent sign left after decoding was encoded twice; `;` carries parameters of a segment for some servers
_SEGMENT = re.compile(rb"[\x20-\x7e]+")
_NOT_IN_SEGMENTS = frozenset(b"/\\%;?#")
_QUERY_SAFE = "%/?:@!$&'()*+,;=[]|\"<>^`{}-._~"


def api_target(raw_path: bytes, query: bytes) -> str | None:
    """The path and query for the API, or None if this is not plainly a path of the API."""
    path = api_path(raw_path)
    if path is None or any(_AWS_QUERY.match(unquote_to_bytes(name)) for name in _names(query)):
        return None
    return f"{path}?{quote(query, safe=_QUERY_SAFE)}" if query else path


def api_path(raw_path: bytes) -> str | None:
    """``/v1/…`` from segments, or None if one is a dot segment, empty or doubly encoded."""
    if not raw_path.startswith(PREFIX):
        return None
    *segments, last = (unquote_to_bytes(segment) for segment in raw_path[1:].split(b"/"))
    # a slash at the end is part of some paths of the API
    if last or len(segments) == 1:
        segments.append(last)
    if not all(_plain(segment) for segment in segments):
        return None
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    return path if last else f"{path}/"


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The client's headers without those for this hop and those that could address the emulator."""
    lowered = [(name.lower(), value) for name, value in headers]
    nominated = {
        token.strip().lower().decode("latin-1")
        for name, value in lowered
        if name == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in lowered if _passes(name.decode("latin-1"), value, nominated)]


def _passes(name: str, value: bytes, nominated: set[str]) -> bool:
    if name in HOP_BY_HOP or name in nominated or _OVERRIDES.fullmatch(name) or _AWS_HEADERS.fullmatch(name):
        return False
    if name == "authorization":
        return not _AWS_AUTHORIZATION.match(value)
    return name != "content-encoding" or _AWS_CODING not in value.lower()


def _plain(segment: bytes) -> bool:
    return bool(_SEGMENT.fullmatch(segment) and segment.strip(b". ") and _NOT_IN_SEGMENTS.isdisjoint(segment))


def _names(query: bytes) -> list[bytes]:
    return [pair.partition(b"=")[0].replace(b"+", b" ") for pair in re.split(rb"[&;]", query)]
