"""Where guests' ports are opened, which need not be where renters are told to connect: a NAT may lie between."""

from __future__ import annotations

import socket

from sharemtc.wire import is_loopback

EVERYWHERE = "0.0.0.0"  # noqa: S104 renters come from anywhere
LOOPBACK = "127.0.0.1"


def can_listen(address: str, port: int = 0) -> bool:
    """Whether this machine can open that port there; 0 is any."""
    return why_not(address, port) == ""


def why_not(address: str, port: int = 0) -> str:
    """Why this machine cannot open that port there; empty where it can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if port == 0:
                probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""


def listen_address(told: str, chosen: str | None = None) -> str:
    """The address at which ports are opened, by the one that renters are told.

    Unless one is chosen: the told one where it is this machine's own, else, as behind a NAT or a name, every one.
    """
    if chosen is not None:
        return chosen
    if is_loopback(told):
        return LOOPBACK
    return told if is_ipv4(told) and can_listen(told) else EVERYWHERE


def local_address(listen: str) -> str:
    """Where this machine itself reaches a port that was opened at `listen`."""
    return LOOPBACK if listen == EVERYWHERE else listen


def is_ipv4(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, text)
    except OSError:
        return False
    return True
