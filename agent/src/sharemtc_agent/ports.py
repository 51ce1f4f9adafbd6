"""Where guests' ports listen; behind a NAT this differs from where renters connect."""

from __future__ import annotations

import socket

from sharemtc.wire import is_loopback

EVERYWHERE = "0.0.0.0"  # noqa: S104 renters come from anywhere
LOOPBACK = "127.0.0.1"


def can_listen(address: str, port: int = 0) -> bool:
    return listen_error(address, port) == ""


def listen_error(address: str, port: int = 0) -> str:
    """Empty if the port can be opened."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if port == 0:
                probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""


def listen_address(connect: str, chosen: str | None = None) -> str:
    """The address on which ports listen, given the one where renters connect.

    Unless `chosen`: the connect address if it is local, else (a NAT or a name) all addresses.
    """
    if chosen is not None:
        return chosen
    if is_loopback(connect):
        return LOOPBACK
    return connect if is_ipv4(connect) and can_listen(connect) else EVERYWHERE


def local_address(listen: str) -> str:
    return LOOPBACK if listen == EVERYWHERE else listen


def is_ipv4(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, text)
    except OSError:
        return False
    return True
