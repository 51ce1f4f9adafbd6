"""API Gateway proxy events, and the answers to them, as a function sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# what a client may be made to take at once, whatever others have stored
MAX_ANSWER_BYTES = 1_000_000
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What a function answered."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The problem's code; the body must be problem+json."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.json["code"])

    @property
    def pointers(self) -> list[str]:
        """The fields that a problem names."""
        return [error["pointer"] for error in self.json["errors"]]

    def cookie(self, name: str) -> str | None:
        """The value of a cookie that the answer sets."""
        for line in self.cookies:
            key, _, rest = line.partition("=")
            if key == name:
                return rest.split(";")[0]
        return None


def event(
    method: str,
    target: str,
    *,
    body: Any = None,
    raw: str | None = None,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    source_ip: str = "203.0.113.7",
    base_path: str = "",
) -> dict[str, Any]:
    """The event that API Gateway sends for a greedy route. `target` is a path with an optional query string.

    `base_path`: what a custom domain's mapping has before the API's own path; API Gateway leaves it in `path`.
    """
    split = urlsplit(target)
    group = "/".join(split.path.split("/")[:3])
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(split.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    text = raw if raw is not None else (None if body is None else json.dumps(body))
    sent = dict(headers or {})
    if text is not None:
        sent.setdefault("Content-Type", "application/json")
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    return {
        "resource": f"{group}/{{proxy+}}",
        "path": f"{base_path}{split.path}",
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": split.path.removeprefix(group).lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": f"{group}/{{proxy+}}",
            "httpMethod": method,
            "path": f"{base_path or '/local'}{split.path}",
            "stage": "local",
            "requestId": "11111111-2222-3333-4444-555555555555",
            "identity": {"sourceIp": source_ip, "userAgent": "tests"},
        },
        "body": text,
        "isBase64Encoded": False,
    }


def answer(response: dict[str, Any]) -> Answer:
    """A function's response, as API Gateway would pass it on."""
    assert len((response["body"] or "").encode()) <= MAX_ANSWER_BYTES, "no answer is larger"
    multi = {name: list(values) for name, values in (response.get("multiValueHeaders") or {}).items()}
    return Answer(
        status=response["statusCode"],
        headers={**{name: values[-1] for name, values in multi.items()}, **(response.get("headers") or {})},
        cookies=tuple(multi.get("Set-Cookie", ())),
        text=response["body"],
    )


def call(
    app: Handler,
    method: str,
    target: str,
    *,
    body: Any = None,
    raw: str | None = None,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    source_ip: str = "203.0.113.7",
) -> Answer:
    """Send one request to a function and read its answer."""
    given = event(method, target, body=body, raw=raw, token=token, headers=headers, source_ip=source_ip)
    return answer(app(given, None))
