"""What a client begins to send and does not finish is given up, wherever it stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from tests.infrastructure.gateway import Gateway, running_gateway

pytestmark = pytest.mark.slow

READ_TIMEOUT_S = 1.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), read_timeout_s=READ_TIMEOUT_S) as running:
        yield running


def answer_to(gateway: Gateway, begun: bytes, trickle: bytes = b"") -> bytes:
    """Everything that comes back before the connection is closed, which must be soon."""
    told = b""
    with gateway.connect() as connection:
        connection.sendall(begun)
        connection.settimeout(0.1)
        until = time.monotonic() + READ_TIMEOUT_S + 10
        while time.monotonic() < until:
            try:
                if trickle:
                    connection.sendall(trickle)
                part = connection.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                return told
            if not part:
                return told
            told += part
    pytest.fail("the connection is still held")


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/nothing", "/health", "/", "/install/agent.sh", "/v1/../x"])
@pytest.mark.parametrize("trickle", [b"", b"x"])
@pytest.mark.parametrize("framing", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come(gateway: Gateway, path: str, trickle: bytes, framing: bytes) -> None:
    begun = b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n"
    if trickle and b"chunked" in framing:
        trickle = b"1\r\nx\r\n"
    told = answer_to(gateway, begun, trickle)
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request_timeout"' in told
    assert not gateway.upstream.seen


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
@pytest.mark.parametrize("trickle", [b"", b"x"])
def test_headers_that_do_not_end(gateway: Gateway, begun: bytes, trickle: bytes) -> None:
    assert answer_to(gateway, begun, trickle if begun else b"") in (
        b"",
        b"HTTP/1.1 400 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    )


def test_a_connection_that_is_not_used_again(gateway: Gateway) -> None:
    assert answer_to(gateway, b"GET /v1/auth/me HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_body_in_two_parts_is_waited_for(gateway: Gateway) -> None:
    gateway.upstream.seen.clear()
    with gateway.connect() as connection:
        connection.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        connection.sendall(b"cd")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert [seen.body for seen in gateway.upstream.seen] == [b"abcd"]
