"""The protocol version. Rules: docs/agent-protocol.md."""

from __future__ import annotations

from typing import Any

PROTOCOL_VERSION = 1
# between agent and control plane
MAX_VERSIONS_APART = 1


def is_supported(version: int) -> bool:
    return abs(version - PROTOCOL_VERSION) <= MAX_VERSIONS_APART


def version_in(value: Any) -> int | None:
    """The protocol version of an unread message; None without a readable one."""
    version = value.get("protocol_version") if isinstance(value, dict) else None
    return version if type(version) is int else None
