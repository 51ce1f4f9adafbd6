"""Responses: status, headers and body, of results and of errors."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import to_json

from sharemtc import request_context
from sharemtc.http.operations import Operation
from sharemtc.idempotency import Stored
from sharemtc.problems import Problem, Unauthenticated
from sharemtc.requests import Reply
from sharemtc.settings import settings
from sharemtc.storage.pages import Page
from sharemtc.storage.unreadable import views

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
OMITTED: Final = "X-Omitted-Records"
_READABLE_ELSEWHERE = f"ETag, Idempotent-Replayed, Retry-After, {OMITTED}, X-Request-Id"
_SENDABLE_FROM_ELSEWHERE = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id"
PREFLIGHT_AGE_S = 600
# below 1 MB, with room for headers
MAX_ANSWER_BYTES: Final = 900_000


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    cookies: Sequence[str] = field(default=())


def done(status: int, body: str, request_id: str, content_type: str = "application/json") -> Answer:
    headers = SECURITY_HEADERS.copy()
    headers["X-Request-Id"] = request_id
    if body:
        headers["Content-Type"] = content_type
    return Answer(status, headers, body)


def dump(operation: Operation, result: Any, request_id: str) -> Answer:
    reply = result if isinstance(result, Reply) else None
    value = reply.value if reply is not None else result
    body, version = "", None
    if operation.view is not None:
        model = operation.view
        if isinstance(value, Page):
            value = _rows(model, value)
        elif not isinstance(value, model):
            value = model.model_validate(value, from_attributes=True)
        body = model.__pydantic_serializer__.to_json(value).decode()
        version = getattr(value, "version", None) if operation.versioned else None
    answer = done(operation.status, body, request_id)
    call = request_context.current()
    if call is not None and call.omitted_records:
        answer.headers[OMITTED] = str(call.omitted_records)
    if version is not None:
        answer.headers["ETag"] = f'"{version}"'
    if reply is not None:
        answer.headers.update(reply.headers or {})
        answer.cookies = reply.cookies
        # a line break would start another header, or the body
        if any("\n" in text or "\r" in text for text in (*answer.headers.values(), *answer.cookies)):
            raise ValueError("A header or cookie of two lines")
    return answer


def is_too_large(answer: Answer) -> bool:
    # a character takes at most four bytes
    return len(answer.body) > MAX_ANSWER_BYTES // 4 and len(answer.body.encode()) > MAX_ANSWER_BYTES


def _rows(model: type[BaseModel], page: Page[Any]) -> BaseModel:
    (row, *_) = typing.get_args(model.model_fields["items"].annotation)
    items = views(partial(row.model_validate, from_attributes=True), page.items)
    return model.model_validate({"items": items, "next_cursor": page.next_cursor})


def replay(stored: Stored, request_id: str) -> Answer:
    answer = done(stored.status, stored.body, request_id)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def refuse(problem: Problem, request_id: str) -> Answer:
    body = to_json(problem.document(request_id)).decode()
    answer = done(problem.status, body, request_id, "application/problem+json")
    extra: Mapping[str, Any] = problem.extra
    if "retry_after_s" in extra:
        answer.headers["Retry-After"] = str(extra["retry_after_s"])
    if "allow" in extra:
        answer.headers["Allow"] = ", ".join(extra["allow"])
    if isinstance(problem, Unauthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def preflight(allowed_methods: list[str], request_id: str) -> Answer:
    """The response to OPTIONS; `origin_headers` adds the CORS origin."""
    answer = done(204, "", request_id)
    answer.headers["Allow"] = ", ".join(allowed_methods)
    answer.headers["Access-Control-Allow-Methods"] = ", ".join(allowed_methods)
    answer.headers["Access-Control-Allow-Headers"] = _SENDABLE_FROM_ELSEWHERE
    answer.headers["Access-Control-Max-Age"] = str(PREFLIGHT_AGE_S)
    return answer


def origin_headers(origin: str | None) -> Mapping[str, str]:
    configured = settings().allowed_origins
    if not configured:
        return {}
    allowed = _allowed_origins(configured)
    if origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _READABLE_ELSEWHERE,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Origin",
    }


@lru_cache(maxsize=4)
def _allowed_origins(configured: str) -> frozenset[str]:
    return frozenset(origin.strip() for origin in configured.split(",") if origin.strip())
