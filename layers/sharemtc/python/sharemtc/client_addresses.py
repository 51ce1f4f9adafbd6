"""The caller's address behind the deployment's own proxies, and the address range that counts as one caller.

Behind a CDN the API sees the CDN's address. `TRUSTED_PROXIES` is the number of proxies before the gateway (0 by
default). Each appends the address it was called from to `X-Forwarded-For`, so the caller's is that many places before
the last; entries that the caller sent are further left and are ignored. A caller that bypasses the proxies could forge
the header, so with `TRUSTED_PROXY_PROOF`, a secret that the proxy adds to each request, it is ignored without it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from sharemtc.settings import settings

FORWARDED_FOR = "x-forwarded-for"
PROOF = "x-sharemtc-proxy"
# one IPv6 caller usually has a whole /64
_IPV6_CALLER_BITS = 64


def caller_address(peer: str, headers: Mapping[str, str]) -> str:
    """The caller's address. `peer` is the address that called the gateway; header names are in lower case."""
    hops = settings().trusted_proxies
    if hops == 0 or not _came_by_proxy(headers):
        return peer
    chain = [part.strip() for part in headers.get(FORWARDED_FOR, "").split(",") if part.strip()]
    if not chain or chain[-1] != peer:
        chain.append(peer)
    if len(chain) <= hops:
        return peer
    return _address(chain[-1 - hops]) or peer


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str:
    """The unit of rate limits: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_CALLER_BITS), strict=False))


def _came_by_proxy(headers: Mapping[str, str]) -> bool:
    proof = settings().trusted_proxy_proof
    return not proof or hmac.compare_digest(headers.get(PROOF, "").encode(), proof.encode())


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
