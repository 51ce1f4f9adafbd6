"""Where a request came from, as its owner recognises it: the network address and the browser in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharemtc.requests import Request

MAX_AGENT_CHARS = 60
# the first that matches: each browser names the ones that it imitates after itself
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Origin:
    """The network address that a request came from, and what sent it."""

    address: str
    agent: str

    @classmethod
    def of(cls, request: Request) -> Origin:
        """The origin of an HTTP request."""
        return cls(request.source_ip, summarise(request.headers.get("user-agent", "")))


INTERNAL = Origin("", "ShareMTC")


def summarise(user_agent: str) -> str:
    """`Firefox on Linux` for a browser's header; for anything else its first product, `curl/8.5.0`."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product.group()[:MAX_AGENT_CHARS] if product else "unknown"
