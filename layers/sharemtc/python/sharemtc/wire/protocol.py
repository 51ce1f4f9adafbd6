"""The version of all that agents and the control plane say to each other. Rules: docs/agent-protocol.md."""

from __future__ import annotations

PROTOCOL_VERSION = 1
# how far apart both sides may be
MAX_VERSIONS_APART = 1


def is_supported(version: int) -> bool:
    """Whether a side of that version can be talked to."""
    return abs(version - PROTOCOL_VERSION) <= MAX_VERSIONS_APART
