"""What of a client's request the gateway forwards, and what the emulator's guard would let in after it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx
import pytest
from infrastructure.local.emulator.settings import EmulatorSettings
from infrastructure.local.emulator.token_check import guarded
from infrastructure.local.gateway.api_requests import api_path, api_target, passed_on
from tests.infrastructure.request_lines import api_paths, hostile

LINES = 100_000
API = "/restapis/a1b2c3d4e5/live/_user_request_"
SETTINGS = EmulatorSettings(
    port=4566, token="full", gateway_token="gateway", state=Path("/"), runtime_python=Path("/"), workers_per_function=1,
    fsync=False,
)  # fmt: skip


def admitted(path: str, headers: dict[str, str], method: str = "POST", query: str = "") -> int:
    """The status that the guard's holder of the port sees; 200 when the emulator itself would answer."""
    statuses: list[int] = []

    async def emulator(scope: dict[str, Any], receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200})

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    raw = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:4566", **headers}.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw}
    asyncio.run(guarded(emulator, SETTINGS)(scope, receive, send))
    return statuses[0]


def fully_decoded(text: str) -> str:
    while (decoded := unquote(text)) != text:
        text = decoded
    return text


class TestTargets:
    def test_of_any_request_line_only_plain_paths_of_the_api_are_forwarded(self) -> None:
        forwarded = 0
        for line in hostile(LINES):
            target = api_target(line.path, line.query)
            if target is None:
                continue
            forwarded += 1
            path = target.partition("?")[0]
            decoded = fully_decoded(path)
            assert decoded == unquote(path), line
            assert re.fullmatch(r"/v1(/[\x20-\x7e]+)+/?", decoded), line
            assert not re.search(r"[\\;?#%]|//", decoded), line
            assert all(segment.strip(". ") for segment in decoded.strip("/").split("/")), line
            # what is asked for is what was decided: the client library joins and tidies nothing
            sent = httpx.URL(f"http://127.0.0.1:4566{API}{target}")
            assert sent.raw_path == f"{API}{target}".encode(), line
            assert (sent.host, sent.port) == ("127.0.0.1", 4566), line
            assert not re.search(r"(?i)(^|[&;])\s*(x-amz-|awsaccesskeyid(=|&|;|$))", fully_decoded(line.query.decode()))
        assert forwarded > LINES / 100, "hardly anything was forwarded, so nothing was shown"

    def test_every_path_of_the_api_is_forwarded_as_it_is(self) -> None:
        assert [api_target(path.encode(), b"x=1&y=%C3%A9") for path in api_paths()] == [
            f"{path}?x=1&y=%C3%A9" for path in api_paths()
        ]

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/../../../../../", "/v1/..", "/v1/.", "/v1/./x", "/v1/%2e%2e/x", "/v1/%2E./x", "/v1/%252e%252e/x",
            "/v1//x",
            "/v1/x//", "/v1/a%2fb", "/v1/a%5cb", "/v1/a\\b", "/v1/a;b", "/v1/a%3bb", "/v1/%00", "/v1/%0a",
            "/v1/%c0%ae%c0%ae/x",
            "/v1/%ef%bc%8e/x", "/v1/%zz", "/v1/a%23b", "/v1/a#b", "/v1/%20", "/v1", "/v1/", "/v10/x", "/V1/x",
            "/%761/x",
            "v1/x", "http://127.0.0.1/v1/x", "//v1/x", "*", "", "127.0.0.1:80", "/v1/.../x",
        ],
    )  # fmt: skip
    def test_what_is_not_plainly_a_path_of_the_api_is_not_forwarded(self, path: str) -> None:
        assert api_path(path.encode("latin-1")) is None

    @pytest.mark.parametrize(
        "query", ["X-Amz-Credential=1", "a=1&x-amz-date=1", "a=1;X%2DAmz-x", "AWSAccessKeyId=1", "+x-amz-a"]
    )
    def test_a_query_that_signs_for_aws_is_not_forwarded(self, query: str) -> None:
        assert api_target(b"/v1/auth/me", query.encode()) is None

    def test_a_hash_in_a_query_stays_in_the_query(self) -> None:
        assert api_target(b"/v1/auth/me", b"a=b#c\xc3\xa9") == "/v1/auth/me?a=b%23c%C3%A9"


class TestHeaders:
    def test_what_could_address_the_emulator_stays_outside(self) -> None:
        for line in hostile(10_000):
            sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in line.headers]
            for name, value in passed_on(sent):
                assert name in {b"authorization", b"x-custom", b"content-type", b"cookie", b"x-bytes"}, line
                assert name != b"authorization" or value == b"Bearer t", line

    def test_others_pass_byte_for_byte(self) -> None:
        sent = [(b"X-Foo", "é".encode()), (b"Cookie", b"a=1"), (b"x-foo", b"\xff"), (b"Content-Encoding", b"gzip")]
        assert passed_on(sent) == [(name.lower(), value) for name, value in sent]

    def test_what_connection_names_is_for_this_hop_only(self) -> None:
        sent = [(b"Connection", b"close, X-Secret"), (b"x-secret", b"1"), (b"x-other", b"1")]
        assert passed_on(sent) == [(b"x-other", b"1")]


class TestGuard:
    GATEWAY: ClassVar = {"x-sharemtc-cloud": "gateway"}

    def test_the_doors_token_reaches_the_deployed_api_and_its_health(self) -> None:
        for path in api_paths():
            assert admitted(API + path, self.GATEWAY) == 200
        assert admitted("/_ministack/health", self.GATEWAY, "GET") == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/", "", "/2015-03-31/functions/", "/_ministack/reset", "/_ministack/config", "/_ministack/health/x",
            "/sharemtc-artifacts/x.zip", "/restapis", "/restapis/a1/live", f"{API}/", f"{API}/v1", f"{API}/v1/",
            f"{API}/v1/..",
            f"{API}/v1/../../../../../", f"{API}/v1//x", f"{API}/v1/a%2fb", f"{API}/v1/a\\b", f"{API}/v1/a;b",
            f"{API}/v1/a\nb",
            f"{API}/@connections/x", "/_aws/execute-api/a1/live/v1/x", "/restapis/../live/_user_request_/v1/x",
        ],
    )  # fmt: skip
    def test_the_doors_token_reaches_nothing_else(self, path: str) -> None:
        assert admitted(path, self.GATEWAY) == 403
        assert admitted(path, {"x-amz-security-token": "full"}) == 200

    @pytest.mark.parametrize(
        "header",
        [
            {"x-amz-target": "DynamoDB_20120810.ListTables"}, {"host": "a1b2c3d4.execute-api.localhost"},
            {"authorization": "AWS4-HMAC-SHA256 x"}, {"x-amz-security-token": "full"},
            {"x-amz-security-token": "gateway"},
            {"x-sharemtc-cloud": "full"}, {"x-sharemtc-cloud": ""},
        ],
    )  # fmt: skip
    def test_nothing_that_addresses_a_service_comes_with_it(self, header: dict[str, str]) -> None:
        assert admitted(f"{API}/v1/auth/me", {**self.GATEWAY, **header}) == 403

    def test_whatever_the_gateway_forwards_is_let_in(self) -> None:
        targets = (api_path(line.path) for line in hostile(10_000))
        for path in {unquote(target) for target in targets if target}:
            assert admitted(API + path, self.GATEWAY) == 200

    def test_websockets_are_refused(self) -> None:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def nothing(*_: Any) -> Any:
            raise AssertionError

        scope = {"type": "websocket", "path": f"{API}/v1/x", "headers": [(b"x-amz-security-token", b"full")]}
        asyncio.run(guarded(nothing, SETTINGS)(scope, nothing, send))
        assert sent == [{"type": "websocket.close", "code": 1008}]
