"""The one exception for failed requests: decide by its `code`, show its `detail`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sharemtc_client.messages import Reply

UNREACHABLE = "unreachable"
BAD_ANSWER = "bad_answer"
MAX_CODE_CHARS = 64
MAX_DETAIL_CHARS = 500
# retryable unless the response says otherwise
_TRANSIENT = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON pointer into the request, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


@dataclass(eq=False)
class ApiError(Exception):
    """A request failed: an error response, no response (`unreachable`, status 0) or an unreadable one (`bad_answer`).

    `retryable`: whether the same request may succeed later, and not before `retry_after_s` if that is known. `extra`
    holds other members of the problem. `was_sent` is false if the request was certainly not sent.
    """

    code: str
    detail: str
    status: int = 0
    request_id: str | None = None
    retryable: bool = False
    retry_after_s: float | None = None
    errors: tuple[FieldError, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    was_sent: bool = True

    def __post_init__(self) -> None:
        super().__init__(f"{self.code}: {self.detail}")

    def __str__(self) -> str:
        wrong = "; ".join(f"{error.pointer} {error.message}" for error in self.errors)
        return f"{self.code}: {self.detail}" + (f" ({wrong})" if wrong else "")

    @property
    def pointers(self) -> tuple[str, ...]:
        """JSON pointers to the rejected fields."""
        return tuple(error.pointer for error in self.errors)

    @property
    def transient(self) -> bool:
        """Whether it may pass by itself: no response, too many requests, or a server error."""
        return self.status == 0 or self.status in _TRANSIENT or self.status >= 500


def refused(reply: Reply) -> ApiError:
    """The error of an RFC 9457 problem, or of any other response by its status."""
    try:
        given = json.loads(reply.content)
    except ValueError:
        given = None
    problem: dict[str, Any] = given if isinstance(given, dict) else {}
    after = reply.headers.get("retry-after", "")
    known = ("type", "title", "status", "code", "detail", "request_id", "retryable", "errors", "retry_after_s")
    return ApiError(
        code=str(problem.get("code") or f"http_{reply.status}")[:MAX_CODE_CHARS],
        detail=str(problem.get("detail") or problem.get("title") or reply.reason)[:MAX_DETAIL_CHARS],
        status=reply.status,
        request_id=reply.headers.get("x-request-id"),
        retryable=bool(problem.get("retryable", reply.status in _TRANSIENT)),
        retry_after_s=float(after) if after.isdecimal() else None,
        errors=tuple(_field_errors(problem.get("errors"))),
        extra={name: value for name, value in problem.items() if name not in known},
    )


def _field_errors(given: Any) -> list[FieldError]:
    listed = [error for error in given if isinstance(error, dict)] if isinstance(given, list) else []
    return [FieldError(*(str(error.get(name, "")) for name in ("pointer", "code", "message"))) for error in listed]
