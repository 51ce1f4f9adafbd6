"""Roles, and principals whose credentials were verified."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """`agent` is a host; the others are people."""

    USER = "user"
    PROVIDER = "provider"
    ADMIN = "admin"
    OPS_ADMIN = "ops-admin"
    SUPER_ADMIN = "super-admin"
    AGENT = "agent"


ANYONE_SIGNED_IN = frozenset(Role) - {Role.AGENT}
OPERATORS = frozenset({Role.ADMIN, Role.OPS_ADMIN, Role.SUPER_ADMIN})
ADMINS = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
SUPER_ADMINS = frozenset({Role.SUPER_ADMIN})
HOSTS = frozenset({Role.AGENT})


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credentials were verified: a person (`user_id`) or a host (`host_id`).

    With an API key (`api_key_id`) a person may only use its `scopes`; without one, all that the role allows.
    """

    role: Role
    user_id: str = ""
    host_id: str = ""
    session_id: str = ""
    token_id: str = ""
    api_key_id: str = ""
    scopes: frozenset[str] | None = None

    def __post_init__(self) -> None:
        assert bool(self.user_id) != bool(self.host_id)
        assert (self.role is Role.AGENT) == bool(self.host_id)

    @property
    def id(self) -> str:
        return self.user_id or self.host_id

    @property
    def is_host(self) -> bool:
        return bool(self.host_id)
