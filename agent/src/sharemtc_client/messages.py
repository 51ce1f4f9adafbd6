"""What goes out and what comes back, whatever sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: `target` is the path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status. Names of headers are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes
