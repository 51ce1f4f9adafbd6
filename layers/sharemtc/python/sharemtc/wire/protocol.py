"""The protocol version. Rules: docs/agent-protocol.md."""

from __future__ import annotations

PROTOCOL_VERSION = 1
# between agent and control plane
MAX_VERSIONS_APART = 1


def is_supported(version: int) -> bool:
    return abs(version - PROTOCOL_VERSION) <= MAX_VERSIONS_APART
