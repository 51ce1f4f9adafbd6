"""CSRF protection: a page of another origin must not use the session cookies that a browser holds for the console.

`SameSite` is not enough: to a browser another port, or another subdomain of the same domain, is the same site.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sharemtc.problems import Forbidden
from sharemtc.requests import Request
from sharemtc.settings import settings

# every cookie that the platform sets
COOKIE_PREFIX: Final = "sharemtc_"


class ForeignOrigin(Forbidden):
    code, title = "foreign_origin", "Request from another site"


def reject_cross_origin(request: Request) -> None:
    """Errors: `ForeignOrigin` for a request with a platform cookie that is not a GET and comes from another origin."""
    headers = request.headers
    if request.method == "GET" or COOKIE_PREFIX not in headers.get("cookie", ""):
        return
    # browsers set both headers and pages cannot change them; other clients send neither
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in ("same-origin", "none") or (site is None and origin is None):
        return
    if origin is None or origin not in _own_origins(request):
        raise ForeignOrigin("Open the console at its own address and try again there.")


def _own_origins(request: Request) -> set[str]:
    public = urlsplit(settings().public_url)
    # the address at which the gateway was called; a page cannot send these headers to another site
    scheme, host = (request.headers.get(f"x-forwarded-{part}", "") for part in ("proto", "host"))
    return {f"{public.scheme}://{public.netloc}", f"{scheme}://{host}"}
