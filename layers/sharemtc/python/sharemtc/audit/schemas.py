"""Audit records over HTTP."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from sharemtc.schemas import Instant, View


class AuditEvent(StrEnum):
    """What can happen to an account's security."""

    REGISTERED = "account.registered"
    DELETED = "account.deleted"
    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    OPERATOR_SIGNED_IN = "operator_sign_in.succeeded"
    OPERATOR_SIGN_IN_FAILED = "operator_sign_in.failed"
    OPERATOR_SIGN_IN_LIMITED = "operator_sign_in.limited"
    GOOGLE_LINKED = "google.linked"
    REFRESH_REUSED = "session.token_reused"
    SESSION_REVOKED = "session.revoked"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105
    PASSWORD_RESET = "password.reset"  # noqa: S105
    SSH_KEY_ADDED = "ssh_key.added"
    SSH_KEY_REMOVED = "ssh_key.removed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_FIRST_USED = "api_key.first_used"
    API_KEY_REVOKED = "api_key.revoked"


class OriginView(View):
    """Where the request came from. `salt` is part of what `origin_digest` covers."""

    address: str = Field(examples=["203.0.113.7"])
    agent: str = Field(examples=["Firefox on Linux"])
    salt: str


class AuditView(View):
    """One security event. `hash` covers it and `previous_hash`; how, says `GET /v1/auth/audit/verify`."""

    seq: int = Field(examples=[1])
    at: Instant
    subject: str = Field(examples=["usr_01JZZZZZZZZZZZZZZZZZZZZZZZ"])
    event: str = Field(examples=[AuditEvent.SIGNED_IN.value])
    detail: dict[str, str]
    origin: OriginView | None
    origin_digest: str
    previous_hash: str
    hash: str


class AuditPage(View):
    """Security events, the newest first."""

    items: tuple[AuditView, ...]
    next_cursor: str | None


class AuditVerdict(View):
    """Whether every record is there and as it was written."""

    intact: bool
    records: int
    head_hash: str = Field(description="Write it down: as long as it is in your chain, nothing before it was changed")
    first_broken_seq: int | None
    format: str = Field(description="How to compute the chain again")
