"""One call of an operation: builds the request and parses the reply. No I/O."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from sharemtc_client.messages import Reply
from sharemtc_client.problems import BAD_ANSWER, ApiError

WORTH_GZIPPING_BYTES = 1024
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})

T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> str | None: ...


@dataclass(slots=True)
class Call(Generic[T_co]):
    """One call of an operation that returns a `T_co`; every attempt sends the same body and `Idempotency-Key`.

    `keyed`: the operation takes an `Idempotency-Key`, which is generated if not given; `gzips`: it takes a gzipped
    body.
    """

    method: str
    path: str
    answer: type[T_co]
    body: BaseModel | None = None
    query: Mapping[str, Any] | None = None
    keyed: bool = False
    gzips: bool = False
    idempotency_key: str | None = None
    if_match: int | str | None = None
    content: bytes = field(init=False)
    headers: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.content = b""
        if self.body is not None:
            self.content = self.body.model_dump_json(by_alias=True, exclude_unset=True).encode()
            self.headers["Content-Type"] = "application/json"
        if self.gzips and len(self.content) > WORTH_GZIPPING_BYTES:
            # without a timestamp, so that the same body gives the same bytes
            self.content = gzip.compress(self.content, compresslevel=6, mtime=0)
            # not as Content-Encoding, which a gateway may decode
            self.headers["Content-Type"] = "application/gzip"
        if self.keyed:
            self.headers["Idempotency-Key"] = self.idempotency_key or secrets.token_hex(16)
        if self.if_match is not None:
            self.headers["If-Match"] = f'"{self.if_match}"' if isinstance(self.if_match, int) else self.if_match

    @property
    def harmless(self) -> bool:
        """Whether it is idempotent."""
        return self.keyed or (self.method in _REPEATABLE and self.if_match is None)

    @property
    def target(self) -> str:
        """The path with the query, without parameters that are None."""
        query = {name: _text(value) for name, value in (self.query or {}).items() if value is not None}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def at(self, cursor: str) -> Self:
        """The same list from `cursor` on."""
        return replace(self, query={**(self.query or {}), "cursor": cursor})

    def read(self, reply: Reply) -> T_co:
        """Parses a successful reply. Errors: `ApiError`, `bad_answer`, naming the first invalid field."""
        if not issubclass(self.answer, BaseModel):
            return cast(T_co, None)
        try:
            return self.answer.model_validate_json(reply.content)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            detail = f"{self.answer.__name__}: {where}: {first['msg']}"
        raise ApiError(BAD_ANSWER, detail, status=reply.status, request_id=reply.headers.get("x-request-id"))


def segment(value: str) -> str:
    """`value` as one path segment. Errors: `ValueError` if it would change the path."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} is not an id")
    return quote(value, safe="")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
