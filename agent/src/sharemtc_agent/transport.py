"""HTTP to one server over one connection, kept open between requests. Calls block; one is made at a time.

On the standard library: the usual asynchronous clients take a fifth of the agent's memory budget.
"""

from __future__ import annotations

import base64
import http.client
import select
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from sharemtc_agent import __version__
from sharemtc_agent.proxies import UnusableProxy, proxy_for

CONNECT_LIMIT_S = 5.0
SILENCE_LIMIT_S = 10.0
TOTAL_LIMIT_S = 30.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024
_PART_BYTES = 65_536


class NoAnswer(Exception):
    """The server could not be reached, closed the connection or timed out; one line that says which."""


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    reason: str
    headers: Message
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Transport:
    """Requests to paths below `url`. Proxies come from the environment, except towards this machine itself."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._proxy: SplitResult | None = None
        self._unusable: UnusableProxy | None = None
        if not is_loopback(url):
            try:
                self._proxy = proxy_for(self._url)
            except UnusableProxy as error:  # raised by each request: never connect directly instead
                self._unusable = error
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    def request(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> HttpAnswer:
        """Sends once, without retries. Errors: `NoAnswer`."""
        if self._unusable is not None:
            raise NoAnswer(str(self._unusable))
        try:
            connection = self._open()
            target = f"{self._url.path.rstrip('/')}{path}"
            if self._proxy is not None and self._tls is None:
                target = f"http://{self._url.netloc}{target}"
            to_proxy = (
                self._proxy_headers() if self._tls is None else {}
            )  # with TLS, they go to the proxy when the tunnel opens
            sent = {"User-Agent": f"sharemtc-agent/{__version__}", **to_proxy, **(headers or {})}
            connection.request(method, target, content, sent)
            answer = connection.getresponse()
            return HttpAnswer(answer.status, answer.reason, answer.headers, _read(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__} {error}".strip()[:200]) from None

    def close(self) -> None:
        """Closes the connection; a call that waits in another thread fails at once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _open(self) -> http.client.HTTPConnection:
        """The connection of the last request, unless the server has closed it."""
        kept = self._connection
        if kept is not None and kept.sock is not None:
            if not select.select([kept.sock], [], [], 0)[0]:
                return kept
            self.close()
        place = self._proxy or self._url
        host, port = place.hostname or "", place.port
        if self._tls is None:
            made = http.client.HTTPConnection(host, port, timeout=CONNECT_LIMIT_S)
        else:
            made = http.client.HTTPSConnection(host, port, timeout=CONNECT_LIMIT_S, context=self._tls)
        if self._proxy is not None and self._tls is not None:
            made.set_tunnel(self._url.hostname or "", self._url.port or 443, self._proxy_headers())
        made.connect()
        made.sock.settimeout(SILENCE_LIMIT_S)
        self._connection = made
        return made

    def _proxy_headers(self) -> dict[str, str]:
        if self._proxy is None or self._proxy.username is None:
            return {}
        credentials = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


def _read(answer: http.client.HTTPResponse) -> bytes:
    content, end = b"", time.monotonic() + TOTAL_LIMIT_S
    while part := answer.read(_PART_BYTES):
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            raise ValueError(f"more than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() > end:
            raise TimeoutError("the answer took too long")
    return content


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
