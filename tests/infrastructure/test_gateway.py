"""The public port: what reaches a function, what leaves, and what the gateway answers itself."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.infrastructure.conftest import eventually

pytestmark = pytest.mark.slow


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    cloud: EmbeddedCloud, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


class TestApi:
    def test_passes_method_path_query_and_body(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "POST", "/v1/web/a%20b?x=1&x=2&y=%C3%A9", b'{"k": 1}', {"Content-Type": "application/json"})
        seen = answer.json
        assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/v1/web/a b", '{"k": 1}')
        assert seen["query"] == {"x": ["1", "2"], "y": ["é"]}

    def test_passes_headers_and_says_who_the_client_is(self, cloud: EmbeddedCloud) -> None:
        sent = {"Authorization": "Bearer t", "X-Forwarded-For": "6.6.6.6", "X-Custom": "yes", "Cookie": "a=1"}
        seen = {
            name.lower(): value for name, value in ask(cloud, "GET", "/v1/web/x", headers=sent).json["headers"].items()
        }
        assert (seen["authorization"], seen["x-custom"], seen["cookie"]) == ("Bearer t", "yes", "a=1")
        assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.1", "http")
        assert cloud.endpoints.token not in json.dumps(seen)
        assert cloud.endpoints.gateway_token not in json.dumps(seen)

    def test_keeps_repeated_cookies_apart(self, cloud: EmbeddedCloud) -> None:
        cookies = [value for name, value in ask(cloud, "GET", "/v1/web/x").headers if name.lower() == "set-cookie"]
        assert cookies == ["one=1; Path=/", "two=2; Path=/"]

    def test_a_crash_of_a_function_explains_nothing(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "GET", "/v1/web/crash")
        assert (answer.status, answer.json["code"]) == (500, "internal")
        assert b"secret detail" not in answer.body
        assert answer.header("content-type") == "application/problem+json"
        eventually(lambda: "secret detail" in cloud.log("Web"), "the function's log has the details")

    def test_an_unknown_path_is_a_problem_of_the_same_kind(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "GET", "/v1/nothing/here")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
        assert not any("amz" in name.lower() for name, _ in answer.headers)

    @pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
    def test_a_body_that_is_too_large_is_refused(self, cloud: EmbeddedCloud, size: int) -> None:
        answer = ask(cloud, "POST", "/v1/web/x", headers={"Content-Length": str(size)}, body=b"x" * size)
        assert (answer.status, answer.json["code"]) == (413, "too_large")

    def test_a_large_body_passes(self, cloud: EmbeddedCloud) -> None:
        assert len(ask(cloud, "POST", "/v1/web/x", b"x" * 1024 * 1024).json["body"]) == 1024 * 1024


class TestEmulator:
    """The emulator stands on a port of its own behind this one, and answers whoever has its token."""

    LIST_TABLES: ClassVar = {
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0",
    }

    @pytest.mark.parametrize("path", ["/v1/../../../../../", "/v1/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/", "/v1/web/x"])
    def test_no_path_of_this_port_reaches_a_table(self, cloud: EmbeddedCloud, path: str) -> None:
        answer = ask(cloud, "POST", path, b"{}", self.LIST_TABLES)
        assert answer.status == (200 if path == "/v1/web/x" else 404)
        assert b"TableNames" not in answer.body

    def test_the_gateways_token_lists_no_tables(self, cloud: EmbeddedCloud) -> None:
        emulator = urlsplit(cloud.endpoints.cloud_url)
        assert emulator.port is not None
        for header, token, status in (
            ("X-ShareMTC-Cloud", cloud.endpoints.gateway_token, 403),
            ("X-Amz-Security-Token", cloud.endpoints.gateway_token, 403),
            ("X-ShareMTC-Cloud", cloud.endpoints.token, 403),
            ("X-Amz-Security-Token", cloud.endpoints.token, 200),
        ):
            connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
            connection.request("POST", "/", b"{}", {**self.LIST_TABLES, header: token})
            answer = connection.getresponse()
            assert (answer.status, b"TableNames" in answer.read()) == (status, status == 200)
            connection.close()

    def test_the_gateway_is_told_no_other_token(self, cloud: EmbeddedCloud) -> None:
        assert cloud.endpoints.token not in cloud.state.gateway_endpoints.read_text()
        assert cloud.endpoints.gateway_token in cloud.state.gateway_endpoints.read_text()


class TestMethods:
    OWN = (
        "/health",
        "/v1/health",
        "/v1/openapi.json",
        "/v1/docs",
        "/install/agent.sh",
        "/",
        "/vms",
        "/assets/a-1f2e.js",
    )

    @pytest.mark.parametrize("path", OWN)
    def test_what_the_gateway_answers_itself_is_only_read(self, cloud: EmbeddedCloud, path: str) -> None:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            answer = ask(cloud, method, path)
            assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
            assert answer.header("allow") == "GET, HEAD"
            assert answer.header("x-content-type-options") == "nosniff"

    @pytest.mark.parametrize("path", [*OWN, "/v1/any/readable", "/v1/nothing", "/nothing.js"])
    def test_head_is_get_without_a_body(self, cloud: EmbeddedCloud, path: str) -> None:
        read, told = ask(cloud, "GET", path), ask(cloud, "HEAD", path)
        assert (told.status, told.body) == (read.status, b"")
        changing = {"x-request-id", "date", "content-length", "last-modified"}
        kept = [[pair for pair in answer.headers if pair[0].lower() not in changing] for answer in (read, told)]
        assert kept[0] == kept[1]
        assert told.header("content-length") == read.header("content-length")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
    def test_an_undeclared_method_is_refused_by_what_the_path_allows(self, cloud: EmbeddedCloud, method: str) -> None:
        answer = ask(cloud, method, "/v1/any/readable")
        assert (answer.status, answer.header("allow")) == (405, "GET, HEAD, OPTIONS")
        assert ask(cloud, method, "/v1/nothing/here").status == 404

    def test_a_target_that_is_no_path_is_not_found(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "OPTIONS", "*")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
        assert answer.header("x-content-type-options") == "nosniff"


class TestPages:
    def test_health_names_the_parts_and_versions(self, cloud: EmbeddedCloud) -> None:
        for path in ("/health", "/v1/health"):
            answer = ask(cloud, "GET", path)
            assert answer.json["status"] == "ok"
            assert answer.json["components"] == {"api": "ready", "agent": "off"}
            assert set(answer.json["versions"]) == {"sharemtc", "cloud", "python"}

    def test_every_answer_carries_security_headers(self, cloud: EmbeddedCloud) -> None:
        for path in ("/health", "/v1/web/x", "/v1/nothing", "/"):
            answer = ask(cloud, "GET", path)
            assert answer.header("x-content-type-options") == "nosniff"
            assert answer.header("x-frame-options") == "DENY"
            assert not answer.header("server")
            assert len({name.lower() for name, _ in answer.headers if name.lower() != "set-cookie"}) == len(
                [name for name, _ in answer.headers if name.lower() != "set-cookie"]
            ), "a header is there twice"


class TestWebApp:
    """Files of a built web application; `fixtures/built_web` is a tiny one."""

    def test_hashed_assets_are_cached_for_ever(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "GET", "/assets/a-1f2e.js")
        assert answer.header("cache-control") == "public, max-age=31536000, immutable"
        assert answer.header("content-type").startswith("text/javascript")

    @pytest.mark.parametrize("path", ["/", "/vms/vm_1", "/settings"])
    def test_client_routes_get_the_page_uncached(self, cloud: EmbeddedCloud, path: str) -> None:
        answer = ask(cloud, "GET", path)
        assert answer.status == 200
        assert b"<title>fixture</title>" in answer.body
        assert answer.header("cache-control") == "no-cache"
        policy = answer.header("content-security-policy")
        assert "script-src 'self' 'sha256-" in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]

    def test_api_docs_are_a_page_of_their_own(self, cloud: EmbeddedCloud) -> None:
        answer = ask(cloud, "GET", "/v1/docs")
        assert (answer.status, answer.header("cache-control")) == (200, "no-cache")
        assert b"<title>fixture of the API docs</title>" in answer.body
        assert "script-src 'self';" in answer.header("content-security-policy")

    @pytest.mark.parametrize(
        "path",
        [
            "/api-docs.html",
            "/assets/gone-1.js",
            "/../template.yaml",
            "/%2e%2e/template.yaml",
            "/assets/../../template.yaml",
            "/%00.js",
        ],
    )
    def test_what_is_not_there_is_not_the_page(self, cloud: EmbeddedCloud, path: str) -> None:
        assert ask(cloud, "GET", path).status == 404

    def test_only_reading_is_allowed(self, cloud: EmbeddedCloud) -> None:
        assert ask(cloud, "POST", "/").status == 405
