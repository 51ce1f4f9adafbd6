"""Hostile request lines on the gateway's own socket: nothing but plain requests of the API is ever forwarded."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator

import pytest
from tests.infrastructure.gateway import API, GATEWAY_TOKEN, Gateway, gateway_file, running_gateway
from tests.infrastructure.request_lines import Line, api_paths, hostile

pytestmark = pytest.mark.slow

LINES = 3_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(folder) as running:
        assert gateway_file(folder)["token"] == "", "the gateway is told the token of the whole cloud"
        yield running


def send(gateway: Gateway, request: bytes, method: str) -> int:
    """The status of the answer; 0 when the connection was closed without one."""
    with gateway.connect() as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection, method=method)
        try:
            answer.begin()
            answer.read()
        except (http.client.HTTPException, ConnectionError):
            return 0
        return answer.status


def test_only_plain_requests_of_the_api_reach_the_upstream(gateway: Gateway) -> None:
    gateway.upstream.seen.clear()
    statuses = {send(gateway, line.to_bytes(), line.method) for line in hostile(LINES, seed=8420)}
    assert statuses <= {0, 200, 400, 404, 405}, "a request line broke the gateway"
    assert len(gateway.upstream.seen) > LINES / 100, "hardly anything was forwarded, so nothing was shown"
    for seen in gateway.upstream.seen:
        assert re.fullmatch(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS", seen.method), seen
        if (seen.method, seen.target) == ("GET", "/_ministack/health"):
            assert not seen.body
            continue
        assert seen.target.startswith(f"{API}/v1/"), seen
        path = seen.target.removeprefix(API).partition("?")[0]
        assert re.fullmatch(r"/v1(/(?!\.{1,2}(/|$))[A-Za-z0-9%._~@*:-]+)+/?", path), seen
        assert not re.search(r"%(2f|5c|25|3b|00|2e%2e)", path, re.IGNORECASE), seen
        assert seen.values("host") == [f"127.0.0.1:{gateway.upstream.port}"], seen
        assert seen.values("x-sharemtc-cloud") == [GATEWAY_TOKEN], seen
        assert not [name for name, _ in seen.headers if name.lower().startswith("x-amz")], seen
        assert not [value for value in seen.values("authorization") if value.lower().lstrip().startswith("aws")], seen


def test_every_path_of_the_api_is_forwarded(gateway: Gateway) -> None:
    for path in api_paths():
        gateway.upstream.seen.clear()
        assert send(gateway, Line("GET", f"{path}?a=%20b", (("Host", "x"),)).to_bytes(), "GET") == 200
        assert [seen.target for seen in gateway.upstream.seen] == [f"{API}{path}?a=%20b"]


def test_a_header_that_is_not_ascii_is_passed_byte_for_byte(gateway: Gateway) -> None:
    for value in ("é", "naïve – ☃"):
        gateway.upstream.seen.clear()
        line = Line("GET", "/v1/auth/me", (("Host", "x"), ("X-Foo", value.encode().decode("latin-1"))))
        assert send(gateway, line.to_bytes(), "GET") == 200
        assert [seen.values("x-foo") for seen in gateway.upstream.seen] == [[value.encode().decode("latin-1")]]


SMUGGLED = b"GET /_ministack/reset HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 4\r\nContent-Length: 40\r\n",
        b"Content-Length: +4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ],
)
def test_one_request_is_never_forwarded_as_two(gateway: Gateway, framing: bytes) -> None:
    gateway.upstream.seen.clear()
    request = b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n0\r\n\r\n" + SMUGGLED
    send(gateway, request, "POST")
    assert not [seen for seen in gateway.upstream.seen if "reset" in seen.target]
    for seen in gateway.upstream.seen:
        assert not seen.values("transfer-encoding")
        assert len(seen.values("content-length")) == 1


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
# HPACK: the static table's `:method` with the literal CONNECT, and no `:path`
CONNECT = b"\x00\x00\x09\x01\x05\x00\x00\x00\x01\x02\x07CONNECT"


def everything(gateway: Gateway, sent: bytes) -> bytes:
    """All that comes back until the gateway closes the connection."""
    told = b""
    with gateway.connect() as connection:
        connection.sendall(sent)
        connection.settimeout(5)
        try:
            while part := connection.recv(65536):
                told += part
        except ConnectionResetError:
            pass
    return told


@pytest.mark.parametrize("frames", [b"", SETTINGS, SETTINGS + CONNECT])
@pytest.mark.parametrize("version", [b"2.0", b"3.0", b"0.9"])
def test_another_version_of_http_is_refused_at_once(gateway: Gateway, version: bytes, frames: bytes) -> None:
    gateway.upstream.seen.clear()
    logged = list(gateway.child.last_lines)
    told = everything(gateway, PREFACE.replace(b"2.0", version) + frames)
    assert told.startswith(b"HTTP/1.1 505 ")
    assert told.count(b"HTTP/1.1 ") == 1
    assert not gateway.upstream.seen
    assert list(gateway.child.last_lines) == logged, "the server has logged a fault"


def test_an_upgrade_to_http_2_is_answered_in_http_1(gateway: Gateway) -> None:
    gateway.upstream.seen.clear()
    logged = list(gateway.child.last_lines)
    upgrade = "GET /v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    upgrade += "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    told = everything(gateway, upgrade.encode() + PREFACE + SETTINGS + CONNECT)
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"200", b"505"]
    assert [seen.target for seen in gateway.upstream.seen] == [f"{API}/v1/auth/me"]
    assert not seen_values(gateway, "upgrade")
    assert not seen_values(gateway, "http2-settings")
    assert list(gateway.child.last_lines) == logged, "the server has logged a fault"


def seen_values(gateway: Gateway, name: str) -> list[str]:
    return [value for seen in gateway.upstream.seen for value in seen.values(name)]
