"""What goes wrong with a request, as one exception: decide by its `code`, show its `detail`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

UNREACHABLE = "unreachable"
BAD_ANSWER = "bad_answer"
MAX_CODE_CHARS = 64
MAX_DETAIL_CHARS = 500
# what may be over in a moment, should the answer not say so itself
_TRANSIENT = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON pointer into the request, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


@dataclass(eq=False)
class ApiError(Exception):
    """A request was refused, or no answer came (`unreachable`, status 0), or one that cannot be read (`bad_answer`).

    `retryable`: whether the same request may succeed later, and not before `retry_after_s` where that is known.
    `extra` holds what else the problem says. `was_sent` is false when the request certainly never left.
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
    def transient(self) -> bool:
        """Whether it may pass by itself: no answer, too many requests, or a failure on the other side."""
        return self.status == 0 or self.status in _TRANSIENT or self.status >= 500


def unreachable(error: httpx.HTTPError) -> ApiError:
    """The failure of a connection."""
    never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    detail = f"{type(error).__name__} {error}".strip()
    return ApiError(UNREACHABLE, detail, retryable=True, was_sent=not never_sent)


def refused(response: httpx.Response) -> ApiError:
    """An RFC 9457 problem; anything else, say from a proxy on the way, by its status."""
    try:
        given = response.json()
    except ValueError:
        given = None
    said: dict[str, Any] = given if isinstance(given, dict) else {}
    after = response.headers.get("Retry-After", "")
    known = ("type", "title", "status", "code", "detail", "request_id", "retryable", "errors", "retry_after_s")
    return ApiError(
        code=str(said.get("code") or f"http_{response.status_code}")[:MAX_CODE_CHARS],
        detail=str(said.get("detail") or said.get("title") or response.reason_phrase)[:MAX_DETAIL_CHARS],
        status=response.status_code,
        request_id=response.headers.get("X-Request-Id"),
        retryable=bool(said.get("retryable", response.status_code in _TRANSIENT)),
        retry_after_s=float(after) if after.isdecimal() else None,
        errors=tuple(_field_errors(said.get("errors"))),
        extra={name: value for name, value in said.items() if name not in known},
    )


def _field_errors(given: Any) -> list[FieldError]:
    listed = [error for error in given if isinstance(error, dict)] if isinstance(given, list) else []
    return [FieldError(*(str(error.get(name, "")) for name in ("pointer", "code", "message"))) for error in listed]
