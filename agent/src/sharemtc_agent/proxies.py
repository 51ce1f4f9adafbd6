"""Which proxy a request uses, taken from the environment as curl does.

`https_proxy` or `http_proxy` for their schemes, else `all_proxy`; `no_proxy` lists what is reached directly: domains
with their subdomains, addresses, networks in CIDR notation, or `*`. The standard library supports neither `all_proxy`
nor networks.
"""

from __future__ import annotations

import re
import urllib.request
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORT = 1080  # as curl


class UnusableProxy(ValueError):
    """The environment names a proxy that this agent does not support."""


def proxy_for(url: SplitResult) -> SplitResult | None:
    """The HTTP proxy towards `url`, None for a direct connection. Errors: `UnusableProxy`."""
    named = urllib.request.getproxies()
    chosen = named.get(url.scheme) or named.get("all")
    host = url.hostname or ""
    if not chosen or is_direct(host, named.get("no", "")) or urllib.request.proxy_bypass(host):
        return None
    try:
        proxy = urlsplit(chosen if "://" in chosen else f"http://{chosen}")
        port = proxy.port or DEFAULT_PORT
    except ValueError:
        raise UnusableProxy("the proxy's address in the environment is invalid: use http://HOST:PORT") from None
    if proxy.scheme != "http" or not proxy.hostname:
        raise UnusableProxy(
            f"the environment names a proxy of type {proxy.scheme}, which this agent does not support: set "
            f"{url.scheme}_proxy to an HTTP proxy, or no_proxy to {host}"
        )
    return proxy if proxy.port else proxy._replace(netloc=f"{proxy.netloc.rstrip(':')}:{port}")


def is_direct(host: str, no_proxy: str) -> bool:
    entries = [each for each in re.split(r"[,\s]+", no_proxy) if each]
    if "*" in entries:
        return True
    address = _address(host)
    if address is not None:
        return any(_covers(each, address) for each in entries)
    name = host.lower().rstrip(".")
    below = (each.lower().strip(".") for each in entries)
    return any(each and (name == each or name.endswith(f".{each}")) for each in below)


def _covers(entry: str, address: IPv4Address | IPv6Address) -> bool:
    try:
        return address in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
