"""What is compressed, for whom, and what that does to tags and caches."""

from __future__ import annotations

import gzip
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from infrastructure.local.gateway.accept_encoding import takes_gzip
from tests.infrastructure.gateway import Gateway, running_gateway

pytestmark = pytest.mark.slow

SCRIPT = b"export const word = 'word';\n" * 200
GZIP = {"Accept-Encoding": "gzip, deflate, br"}
JSON = json.dumps({"items": [{"id": f"vm_{number}"} for number in range(500)]}).encode()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    web = tmp_path_factory.mktemp("web")
    (web / "assets").mkdir()
    (web / "assets" / "app-1f2e.js").write_bytes(SCRIPT)
    (web / "assets" / "small-1f2e.js").write_bytes(b"1;")
    (web / "assets" / "font-1f2e.woff2").write_bytes(SCRIPT)
    (web / "assets" / "noise-1f2e.js").write_bytes(os.urandom(4096))
    for page in ("index.html", "api-docs.html"):
        (web / page).write_text("<title>x</title>" + "<p>page</p>" * 300)
    with running_gateway(tmp_path_factory.mktemp("gateway"), web=web) as running:
        yield running


class Answer:
    def __init__(self, gateway: Gateway, path: str, headers: dict[str, str], method: str = "GET") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            self.status, self.body = answer.status, answer.read()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()


@pytest.mark.parametrize("path", ["/assets/app-1f2e.js", "/", "/v1/openapi.json", "/v1/docs"])
def test_text_is_compressed_for_who_takes_it(gateway: Gateway, path: str) -> None:
    plain, packed = Answer(gateway, path, {}), Answer(gateway, path, GZIP)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-length"] == str(len(packed.body))
    told = Answer(gateway, path, GZIP, "HEAD")
    assert (told.body, told.headers["content-length"]) == (b"", packed.headers["content-length"])


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br", "gzip;q=0", "*;q=0", "deflate, gzip;q=0.0", "gzip;q=no", "xgzip"]
)
def test_who_does_not_take_it_gets_it_as_it_is(gateway: Gateway, accepted: str) -> None:
    assert not takes_gzip(accepted)
    assert Answer(gateway, "/assets/app-1f2e.js", {"Accept-Encoding": accepted}).body == SCRIPT


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br, gzip;q=0.1", "*", "x-gzip", "deflate;q=0.5,gzip"])
def test_who_takes_it_in_other_words_gets_it(accepted: str) -> None:
    assert takes_gzip(accepted)


@pytest.mark.parametrize("name", ["small-1f2e.js", "font-1f2e.woff2", "noise-1f2e.js"])
def test_what_would_not_become_shorter_is_left(gateway: Gateway, name: str) -> None:
    plain, packed = (Answer(gateway, f"/assets/{name}", headers) for headers in ({}, GZIP))
    assert (packed.body, packed.headers.get("content-encoding")) == (plain.body, None)


def test_answers_of_the_api_are_compressed_but_not_those_whose_tag_is_a_version(gateway: Gateway) -> None:
    gateway.upstream.answer, gateway.upstream.answer_headers = JSON, {"Vary": "Origin"}
    packed = Answer(gateway, "/v1/catalog/hosts", GZIP)
    assert gzip.decompress(packed.body) == JSON
    assert packed.headers["vary"] == "Origin, Accept-Encoding"
    assert Answer(gateway, "/v1/catalog/hosts", {}).body == JSON
    gateway.upstream.answer_headers = {"ETag": '"7"', "Cache-Control": "no-store"}
    versioned = Answer(gateway, "/v1/resources/vms/vm_1", GZIP)
    assert (versioned.body, versioned.headers["etag"]) == (JSON, '"7"')
    assert "content-encoding" not in versioned.headers
    gateway.upstream.answer = gzip.compress(JSON * 9)
    gateway.upstream.answer_headers = {"Content-Encoding": "gzip"}
    assert gzip.decompress(Answer(gateway, "/v1/catalog/hosts", GZIP).body) == JSON * 9


@pytest.mark.parametrize("path", ["/assets/app-1f2e.js", "/v1/openapi.json"])
def test_who_has_a_file_is_not_sent_it_again(gateway: Gateway, path: str) -> None:
    plain, packed = Answer(gateway, path, {}), Answer(gateway, path, GZIP)
    tag = plain.headers["etag"]
    assert packed.headers["etag"] == f"W/{tag}"
    for headers in ({}, GZIP):
        for known in (tag, f"W/{tag}", f'"other", W/{tag}'):
            again = Answer(gateway, path, {**headers, "If-None-Match": known})
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["vary"] == "Accept-Encoding"
            assert again.headers["cache-control"] == plain.headers["cache-control"]
        assert Answer(gateway, path, {**headers, "If-None-Match": '"other"'}).status == 200


def test_hashed_files_are_kept_for_ever(gateway: Gateway) -> None:
    for headers in ({}, GZIP):
        kept = Answer(gateway, "/assets/app-1f2e.js", headers)
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_consoles_own_files_answer_what_every_browser_and_robot_asks_for() -> None:
    public = Path(__file__).parents[2] / "webapp" / "public"
    assert (public / "favicon.ico").read_bytes()[:4] == b"\0\0\1\0"
    assert "User-agent: *" in (public / "robots.txt").read_text()
