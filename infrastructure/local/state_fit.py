"""Whether the parts of a state folder fit together: tables, secrets, and the agent's knowledge of its host.

One of them may have been deleted, or restored alone. What can be repaired is repaired and reported; tables and secrets
of different instances are refused by the emulator (`emulator/instance.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infrastructure.local.paths import StateFolder

OPERATOR_SECRET = "OperatorSecret"  # noqa: S105 - the name of a resource
SHUT_OUT = ("retired", "banned")


@dataclass(frozen=True)
class Found:
    """What the state folder contained before the start."""

    has_tables: bool
    secrets: frozenset[str]
    host_id: str | None

    @property
    def lacks_operator_secret(self) -> bool:
        """Whether the operator has an account whose password is lost."""
        return self.has_tables and not any(OPERATOR_SECRET in name for name in self.secrets)


def look(state: StateFolder) -> Found:
    has_tables = state.journal.exists() and state.journal.stat().st_size > 0
    secrets = frozenset(path.name for path in state.secrets.glob("*.secret"))
    return Found(has_tables, secrets, host_id(state))


def remarks(found: Found) -> Iterator[str]:
    """What does not fit, and what is done about it."""
    if not found.has_tables and (found.secrets or found.host_id):
        yield "the tables are gone: this is a new platform, with the secrets of the one before"
    if found.has_tables and not found.secrets:
        yield "the secrets are gone: everybody has to sign in again, and what was sealed with them cannot be read"
    if found.lacks_operator_secret:
        yield "the operator's secret is gone: the operator gets a new password"


def host_id(state: StateFolder) -> str | None:
    """The host as which this machine's agent is enrolled, from its configuration."""
    found = _agent_config(state).get("host_id")
    return found if isinstance(found, str) and found else None


def forget_host(state: StateFolder) -> None:
    """Lets the agent enroll again with its settings."""
    config = state.agent / "config.json"
    fresh = config.with_suffix(".new")
    fresh.write_text(json.dumps({**_agent_config(state), "host_id": None}, indent=2) + "\n")
    fresh.replace(config)


def _agent_config(state: StateFolder) -> dict[str, Any]:
    try:
        found = json.loads((state.agent / "config.json").read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
