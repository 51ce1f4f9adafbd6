"""The request and reply that clients and transports exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is the path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of any status. Header names are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes
