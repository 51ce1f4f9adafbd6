"""Every error a caller can see, as RFC 9457 problem details.

    Problem
    ├── BadRequest 400        malformed JSON, a malformed header
    ├── Unauthenticated 401   no, expired or forged credentials
    ├── PaymentRequired 402   the wallet does not cover the order
    ├── Forbidden 403         the role does not allow it
    ├── NotFound 404          missing, or belongs to another user
    ├── Conflict 409          the current state does not allow it
    ├── PreconditionFailed 412
    ├── TooLarge 413
    ├── Unsupported 415
    ├── Invalid 422           payload validation, with one FieldError per field
    ├── TooManyRequests 429   carries `retry_after_s`
    └── Unavailable 503

A domain raises its own subclass with its own `code`, defined beside the rule that raises it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """An error of one field: a JSON pointer into the request, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


class Problem(Exception):
    """An error with an HTTP status, a stable `code` and a `detail` for people."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, errors: tuple[FieldError, ...] = (), **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.extra = extra

    def document(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"/v1/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
            "retryable": self.retryable,
            "errors": [vars(error) for error in self.errors],
            **self.extra,
        }


class BadRequest(Problem):
    status, code, title = 400, "bad_request", "The request cannot be read"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Sign in first"


class PaymentRequired(Problem):
    status, code, title = 402, "payment_required", "The wallet does not cover this"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    status, code, title = 404, "not_found", "Not found"


class Conflict(Problem):
    status, code, title = 409, "conflict", "The current state does not allow this"


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition_failed", "Changed since you read it"


class TooLarge(Problem):
    status, code, title = 413, "too_large", "The request is too large"


class Unsupported(Problem):
    status, code, title = 415, "unsupported_media_type", "Send application/json"


class Invalid(Problem):
    status, code, title = 422, "invalid_request", "Some fields are not valid"


class TooManyRequests(Problem):
    status, code, title, retryable = 429, "too_many_requests", "Too many requests", True

    def __init__(self, detail: str = "", *, retry_after_s: int, **extra: Any) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **extra)


class Unavailable(Problem):
    status, code, title, retryable = 503, "unavailable", "Temporarily unavailable", True
