"""The gateway's own errors: RFC 9457, in the shape of the API's."""

from __future__ import annotations

import uuid

from starlette.responses import JSONResponse


def problem(
    status: int, code: str, title: str, detail: str, *, retryable: bool = False, retry_after_s: int = 2
) -> JSONResponse:
    """Never names what is behind the gateway."""
    request_id = f"gateway-{uuid.uuid4().hex}"
    body = {
        "type": f"/v1/docs#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [],
        "request_id": request_id,
        "retryable": retryable,
    }
    headers = {"Cache-Control": "no-store", "X-Request-Id": request_id}
    if retryable:
        headers["Retry-After"] = str(retry_after_s)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def too_large(limit_bytes: int) -> JSONResponse:
    return problem(413, "too_large", "The request is too large", f"The body may have {limit_bytes} bytes at most.")


def too_slow() -> JSONResponse:
    detail = "The body was announced and did not come in time."
    refusal = problem(408, "request_timeout", "The request took too long to arrive", detail, retryable=True)
    refusal.headers["Connection"] = "close"
    return refusal


def unavailable() -> JSONResponse:
    detail = "The service is starting or restarting. Try again in a moment."
    return problem(503, "unavailable", "Temporarily unavailable", detail, retryable=True)


def busy(retry_after_s: int) -> JSONResponse:
    """Nothing was done."""
    detail = f"Too many requests are waiting. Nothing was done; try again in {retry_after_s} s."
    return problem(503, "busy", "Too busy right now", detail, retryable=True, retry_after_s=retry_after_s)


def storage_full() -> JSONResponse:
    detail = "The platform's disk is full and nothing was stored. Try again later."
    title = "Storage is full"
    return problem(507, "storage_full", title, detail, retryable=True, retry_after_s=30)


def timed_out() -> JSONResponse:
    return problem(504, "timed_out", "Timed out", "The service took too long to answer.", retryable=True)


def internal() -> JSONResponse:
    return problem(500, "internal", "Internal error", "Something went wrong. It was logged under this request id.")


def method_not_allowed(allowed: str) -> JSONResponse:
    refusal = problem(405, "method_not_allowed", "Method not allowed", f"Use {allowed}.")
    refusal.headers["Allow"] = allowed
    return refusal


def not_found() -> JSONResponse:
    return problem(404, "not_found", "Not found", "There is nothing at this address.")
