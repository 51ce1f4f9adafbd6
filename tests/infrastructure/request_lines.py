"""Hostile request lines, the same at each run: every spelling of dots, slashes, methods and headers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from infrastructure.local.paths import OPENAPI

METHODS = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X-ANY"),
)
DOTS = (".", "%2e", "%2E", "%252e", "%25252e", "%c0%ae", "%e0%80%ae", "%u002e", "%ef%bc%8e", "%2", "%", ".%00", ".;")
SLASHES = (
    "/", "//", "%2f", "%2F", "%252f", "%25252F", "\\", "%5c", "%5C", "%255c", "%c0%af", "%ef%bc%8f", "/./", "/;/",
    "/%20/", "/%09/", "%00/", "/%00/",
)  # fmt: skip
WORDS = (
    "v1", "V1", "%761", "v1;x=1", "auth", "me", "login", "..;", "...", "restapis", "_user_request_", "_aws",
    "execute-api", "_ministack", "health", "reset", "config", "2015-03-31", "functions", "invocations", "install",
    "assets", "@connections", "latest", "meta-data", "vm_1", "a b", "%20", "?", "#", "%3f", "%23", "@", ":8080", "*",
)  # fmt: skip
STARTS = (
    "/v1/",
    "/v1",
    "/",
    "//",
    "",
    "http://127.0.0.1/",
    "http://169.254.169.254/v1/",
    "//evil/v1/",
    "@evil/v1/",
    "*",
    "v1/",
)
QUERIES = (
    "", "", "", "?", "?a=1", "?/../..", "?Action=ListTables", "?X-Amz-Credential=1/2/3", "?x%2dAmz-Security-Token=t",
    "?AWSAccessKeyId=000000000000", "?a=1&%58-amz-target=x", "?a=1;X-Amz-Date=x", "?a=%ff%00", "?http://x/", "?a#b",
)  # fmt: skip
HEADERS = (
    ("X-Amz-Target", "DynamoDB_20120810.ListTables"), ("x-amz-security-token", "guess"), ("X-AMZ-Date",
    "20260101T000000Z"),
    ("X-Amzn-Trace-Id", "Root=1"), ("x-sharemtc-cloud", "guess"), ("X-ShareMTC-Cloud", ""),
    ("Authorization", "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/dynamodb/aws4_request"),
    ("Authorization", "AWS 000000000000:signature"), ("Authorization", " aws4-hmac-sha256 x"), ("Authorization",
    "Bearer t"),
    ("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/_ministack/reset"), ("X-Rewrite-Url", "/"),
    ("X-Forwarded-Host", "evil"), ("X-Forwarded-For", "1.1.1.1"), ("Forwarded", "for=1.1.1.1"), ("Expect", "x"),
    ("Connection", "close, x-custom, authorization"), ("Connection", "x-sharemtc-cloud"), ("X-Custom", "yes"),
    ("Content-Type", "application/x-amz-json-1.0"), ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Encoding", "aws-chunked"), ("TE", "trailers"), ("Cookie", "a=1"), ("X-Bytes", "\xc3\xa9"),
)  # fmt: skip
HOSTS = (
    "127.0.0.1", "evil", "dynamodb.us-east-1.amazonaws.com", "a1b2c3d4.execute-api.localhost", "x/../../y",
    "bucket.s3.localhost",
    "abc.lambda-url.us-east-1.localhost", "d1234.cloudfront.net", "169.254.169.254", "",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One request as a client may write it. The target has no space or control character, which no server takes."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @property
    def path(self) -> bytes:
        return self.target.partition("?")[0].encode("latin-1")

    @property
    def query(self) -> bytes:
        return self.target.partition("?")[2].encode("latin-1")

    def to_bytes(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def api_paths() -> list[str]:
    """Every path the API declares, with an id where it takes one."""
    declared = json.loads(OPENAPI.read_text())["paths"]
    return ["/".join("vm_0a1B" if part.startswith("{") else part for part in path.split("/")) for path in declared]


def hostile(count: int, seed: int = 20_261) -> Iterator[Line]:
    """So many lines; about every fifth is a path of the API with nothing or one thing put wrong."""
    chance = random.Random(seed)  # noqa: S311 - the same lines at each run
    known = api_paths()
    for _ in range(count):
        target = _damaged(chance, chance.choice(known)) if chance.random() < 0.2 else _invented(chance)
        target = (target + chance.choice(QUERIES)).replace(" ", "%20")
        yield Line(chance.choice(METHODS), target, _headers(chance))


def _invented(chance: random.Random) -> str:
    target = chance.choice(STARTS)
    for _ in range(chance.randint(0, 7)):
        kind = chance.random()
        if kind < 0.4:
            target += chance.choice(DOTS) + chance.choice(DOTS)
        elif kind < 0.75:
            target += chance.choice(WORDS)
        else:
            target += chance.choice((*DOTS, *WORDS))
        target += chance.choice(SLASHES) if chance.random() < 0.7 else "/"
    return target


def _damaged(chance: random.Random, path: str) -> str:
    if chance.random() < 0.3:
        return path
    at = chance.randint(0, len(path))
    kind = chance.random()
    if kind < 0.5:
        return path[:at] + chance.choice((*DOTS, *SLASHES)) + path[at:]
    if kind < 0.8:
        return path + chance.choice(SLASHES) + (chance.choice(DOTS) * 2 + chance.choice(SLASHES)) * chance.randint(1, 8)
    return "".join(f"%{ord(letter):02x}" if chance.random() < 0.1 else letter for letter in path)


def _headers(chance: random.Random) -> tuple[tuple[str, str], ...]:
    return ("Host", chance.choice(HOSTS)), *chance.sample(HEADERS, chance.randint(0, 5))
