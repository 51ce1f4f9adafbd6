"""Queries and responses of audit logs."""

from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from sharemtc.schemas import GivenId, Instant, PageQuery, Schema, View


class AuditEvent(StrEnum):
    """Security events of accounts, and operators' decisions."""

    REGISTERED = "account.registered"
    DELETED = "account.deleted"
    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    OPERATOR_SIGNED_IN = "operator_sign_in.succeeded"
    OPERATOR_SIGN_IN_FAILED = "operator_sign_in.failed"
    OPERATOR_SIGN_IN_LIMITED = "operator_sign_in.limited"
    EMAIL_PROVEN = "email.proven"
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
    PROVIDER_CREATED = "provider.created"
    PROVIDER_CHANGED = "provider.changed"
    HOST_CHANGED = "host.changed"
    HOST_DECLARED_LOST = "host.declared_lost"
    ENROLLMENT_CODE_ISSUED = "enrollment_code.issued"
    RISK_ACKNOWLEDGED = "risk.acknowledged"


class OriginView(View):
    """The origin of the request. `origin_digest` covers it with `salt`."""

    address: str = Field(examples=["203.0.113.7"])
    agent: str = Field(examples=["Firefox on Linux"])
    salt: str


class AuditView(View):
    """One security event. `hash` covers it and `previous_hash`; `GET /v1/auth/audit/verify` describes the format."""

    seq: int = Field(examples=[1])
    at: Instant
    subject: str = Field(examples=["usr_01JZZZZZZZZZZZZZZZZZZZZZZZ"])
    event: AuditEvent
    detail: dict[str, str]
    origin: OriginView | None
    origin_digest: str
    previous_hash: str
    hash: str


class AuditPage(View):
    """Security events, the newest first."""

    items: tuple[AuditView, ...]
    next_cursor: str | None


class DecisionQuery(PageQuery):
    """Filters of decisions."""

    operator_id: GivenId | None = None
    resource_id: GivenId | None = None


class DecisionVerdictQuery(Schema):
    """The month of the chain; by default the current one."""

    month: str | None = Field(default=None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2030-01"])


class DecisionView(View):
    """An operator's decision. `subject` names the chain of its month; the chain covers all of `detail`."""

    seq: int
    at: Instant
    subject: str = Field(examples=["operators:203001"])
    event: AuditEvent
    operator_id: str
    resource_id: str
    reason: str
    detail: dict[str, str]
    previous_hash: str
    hash: str

    @model_validator(mode="before")
    @classmethod
    def _from_record(cls, record: Any) -> Any:
        names = ("seq", "at", "subject", "event", "detail", "previous_hash", "hash")
        from_detail = {name: record.detail[name] for name in ("operator_id", "resource_id", "reason")}
        return {name: getattr(record, name) for name in names} | from_detail


class DecisionPage(View):
    """Operators' decisions, the newest first."""

    items: tuple[DecisionView, ...]
    next_cursor: str | None


class AuditVerdict(View):
    """Whether the chain is complete and unchanged."""

    intact: bool
    records: int
    head_hash: str = Field(description="Keep a copy: while your chain contains it, no earlier record was changed")
    first_broken_seq: int | None
    format: str = Field(description="How to recompute the chain")
