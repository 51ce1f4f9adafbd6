"""The states of an allocation."""

from __future__ import annotations

from enum import StrEnum


class AllocationState(StrEnum):
    """reserved → provisioning → active ⇄ stopped → terminating → terminated; or failed, lost."""

    RESERVED = "reserved"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    STOPPED = "stopped"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


ENDED = frozenset({AllocationState.TERMINATED, AllocationState.FAILED, AllocationState.LOST})
