"""The origin of a request: the network address, and the browser by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharemtc.requests import Request

MAX_AGENT_CHARS = 60
# the first match counts: each browser's header also names the browsers that it imitates
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
    address: str
    agent: str

    @classmethod
    def of(cls, request: Request) -> Origin:
        return cls(request.source_ip, summarise(request.headers.get("user-agent", "")))


INTERNAL = Origin("", "ShareMTC")


def summarise(user_agent: str) -> str:
    """`Firefox on Linux` for a browser's header, else its first product, such as `curl/8.5.0`."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product.group()[:MAX_AGENT_CHARS] if product else "unknown"
