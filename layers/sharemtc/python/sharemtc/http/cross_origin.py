"""A page of another site, or another port of this machine, must not act with the cookies a browser holds for us.

`SameSite` does not keep them apart: to a browser another port, or another name below the same domain, is the same site.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sharemtc.problems import Forbidden
from sharemtc.requests import Request
from sharemtc.settings import settings

# what the name of each cookie of ours begins with
COOKIE_PREFIX: Final = "sharemtc_"


class ForeignOrigin(Forbidden):
    """A browser sent our cookies for a page that is not ours."""

    code, title = "foreign_origin", "Another site's page may not do this"


def refuse_foreign(request: Request) -> None:
    """Errors: `ForeignOrigin` for what changes something, carries a cookie of ours, and comes from another page."""
    headers = request.headers
    if request.method == "GET" or COOKIE_PREFIX not in headers.get("cookie", ""):
        return
    # browsers set both of these, and pages cannot; programs send neither
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in ("same-origin", "none") or (site is None and origin is None):
        return
    if origin is None or origin not in _own_origins(request):
        raise ForeignOrigin("Open the console at its own address and do it there.")


def _own_origins(request: Request) -> set[str]:
    public = urlsplit(settings().public_url)
    # what the gateway was called by; a page can send this header to no other site
    scheme, host = (request.headers.get(f"x-forwarded-{part}", "") for part in ("proto", "host"))
    return {f"{public.scheme}://{public.netloc}", f"{scheme}://{host}"}
