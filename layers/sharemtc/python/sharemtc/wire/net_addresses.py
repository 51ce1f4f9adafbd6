"""Network addresses that hosts report and people connect to: an IP address or a host name, by syntax."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

MAX_HOST_NAME_CHARS = 253
# RFC 1123, 2.1; upper case is the same name
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# resolvers read such a last label as part of an IPv4 address (URL Standard, "ends in a number"): 127.1, 0x7f000001
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_THIS_NETWORK = ip_network("0.0.0.0/8")


def connect_address(text: str) -> str:
    """The canonical form of one host's address. Errors: `ValueError` with a sentence."""
    try:
        # a zone, as in fe80::1%eth0, may be any text and is meaningful on one machine only
        address = ip_address(text) if "%" not in text else None
    except ValueError:
        address = None
    if address is not None:
        return _unicast(address)
    name = text.lower()
    labels = name.split(".")
    if len(name) > MAX_HOST_NAME_CHARS or not _HOST_NAME.fullmatch(name) or _NUMBER.fullmatch(labels[-1]):
        raise ValueError("Give an IP address or a host name.")
    return name


def is_loopback(address: str) -> bool:
    """Whether a valid address is that of the machine itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address == "localhost" or address.endswith(".localhost")  # RFC 6761, 6.3
    return parsed.is_loopback


def _unicast(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_multicast:
        raise ValueError("This is a multicast address. Give the address of one host.")
    if address.is_link_local:
        raise ValueError("This is a link-local address, which is unreachable from other networks.")
    if address.is_unspecified or address in _THIS_NETWORK:
        raise ValueError("This is not the address of a host.")
    if address.is_reserved and not address.is_loopback:  # ::1 is in a reserved block
        raise ValueError("This is a reserved or broadcast address. Give the address of one host.")
    return str(address)


def _checked(text: str) -> str:
    try:
        return connect_address(text)
    except ValueError as error:
        raise PydanticCustomError("address", "{sentence}", {"sentence": str(error)}) from None


ConnectAddress = Annotated[
    str,
    Field(max_length=MAX_HOST_NAME_CHARS, examples=["203.0.113.7", "node-7.example.org"]),
    AfterValidator(_checked),
]
