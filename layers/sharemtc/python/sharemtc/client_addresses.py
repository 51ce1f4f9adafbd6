"""Whose address a request came from, behind proxies of the deployment's own, and what of it counts as one caller.

Behind a content network the API sees the network's address. `TRUSTED_PROXIES` says how many proxies of the deployment
stand before the gateway (none by default): each adds the address that it was called from to the end of
`X-Forwarded-For`, so the caller's is that many places before the last. Whatever a caller writes into that header stands
further left and is never looked at. Who goes round the proxies could choose what is looked at; so with
`TRUSTED_PROXY_PROOF`, a secret that the proxy adds to each request, nothing is believed without it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from sharemtc.settings import settings

FORWARDED_FOR = "x-forwarded-for"
PROOF = "x-sharemtc-proxy"
# who gets an IPv6 address gets this much of the space with it
_IPV6_CALLER_BITS = 64


def caller_address(peer: str, headers: Mapping[str, str]) -> str:
    """The caller's address. `peer` is what the gateway was called from; names of headers are in lower case."""
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
    """What limits count by: an IPv4 address, or the /64 that an IPv6 address lies in."""
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
