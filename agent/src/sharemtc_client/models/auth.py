"""What is sent and answered under /v1/auth. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sharemtc_client.models.shared import AuditEvent, AuditVerdict
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "Accepted",
    "ApiKeyCreate",
    "ApiKeyMade",
    "ApiKeyPage",
    "ApiKeyView",
    "AuditEvent",
    "AuditPage",
    "AuditVerdict",
    "AuditView",
    "Confirmation",
    "Density",
    "EmailProof",
    "EmailProven",
    "Jwk",
    "Jwks",
    "Language",
    "LoginBody",
    "MailRoute",
    "OriginView",
    "PasswordChange",
    "PasswordForgotten",
    "PasswordReset",
    "ProvidersView",
    "RegisterBody",
    "Role",
    "Scope",
    "SessionPage",
    "SessionView",
    "SettingsBody",
    "SettingsView",
    "SshKeyCreate",
    "SshKeyPage",
    "SshKeyView",
    "Theme",
    "TokenView",
    "UserView",
]


class Density(OpenEnum):
    """The spacing of the console."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


class Language(OpenEnum):
    """BCP 47 tags for the format of numbers, dates and times."""

    EN = "en"
    EN_GB = "en-GB"
    EN_US = "en-US"
    DE = "de"
    ES = "es"
    FR = "fr"
    IT = "it"
    JA = "ja"
    NL = "nl"
    PL = "pl"
    PT_BR = "pt-BR"
    ZH_CN = "zh-CN"


class MailRoute(OpenEnum):
    """Where e-mails go: by SES, to a folder of the machine that runs the platform, or nowhere."""

    EMAIL = "email"
    OUTBOX = "outbox"
    NONE = "none"


class Role(OpenEnum):
    """`agent` is a host; the others are people."""

    USER = "user"
    PROVIDER = "provider"
    ADMIN = "admin"
    OPS_ADMIN = "ops-admin"
    SUPER_ADMIN = "super-admin"
    AGENT = "agent"


class Scope(OpenEnum):
    """`read` allows GET, `write` every other method. There is no `auth:write`: a key cannot change credentials."""

    AUTH_READ = "auth:read"
    CATALOG_READ = "catalog:read"
    RESOURCES_READ = "resources:read"
    RESOURCES_WRITE = "resources:write"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    PROVIDER_READ = "provider:read"
    PROVIDER_WRITE = "provider:write"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


class Theme(OpenEnum):
    """`system` follows the machine."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Accepted(View):
    """The request was accepted and will be processed."""

    detail: str


class ApiKeyCreate(Body):
    """An API key. Without `expires_at` it is valid until revoked."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    # Limit in micro-USD of all holds for orders with this key
    spend_cap_micros: int | None = None


class ApiKeyMade(View):
    """A new API key: `key` is shown only once. Send it as `Authorization: Bearer smtc_…`."""

    id: str
    name: str
    # The first characters of the key
    prefix: str
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    # Sum of the holds for orders with this key; counts towards the cap
    committed_micros: int
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    key: str


class ApiKeyPage(View):
    """API keys, the newest first."""

    items: tuple[ApiKeyView, ...]
    next_cursor: str | None


class ApiKeyView(View):
    """An API key, without its secret."""

    id: str
    name: str
    # The first characters of the key
    prefix: str
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    # Sum of the holds for orders with this key; counts towards the cap
    committed_micros: int
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class AuditPage(View):
    """Security events, the newest first."""

    items: tuple[AuditView, ...]
    next_cursor: str | None


class AuditView(View):
    """One security event. `hash` covers it and `previous_hash`; `GET /v1/auth/audit/verify` describes the format."""

    seq: int
    # RFC 3339, UTC, milliseconds
    at: datetime
    subject: str
    event: AuditEvent
    detail: dict[str, str]
    origin: OriginView | None
    origin_digest: str
    previous_hash: str
    hash: str


class Confirmation(Body):
    """The current password, to confirm an irreversible operation.

    Accounts without a password (sign-in with Google) omit it and sign in again within ten minutes before.
    """

    password: str | None = None


class EmailProof(Body):
    """The token of the e-mail's link."""

    token: str


class EmailProven(View):
    """The confirmed address."""

    email: str


class Jwk(View):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    kid: str
    x: str


class Jwks(View):
    """The public keys that verify access tokens (RFC 7517)."""

    keys: tuple[Jwk, ...]


class LoginBody(Body):
    """Credentials."""

    email: str
    password: str


class OriginView(View):
    """The origin of the request. `origin_digest` covers it with `salt`."""

    address: str
    agent: str
    salt: str


class PasswordChange(Body):
    """A new password, with the current one."""

    current_password: str
    password: str


class PasswordForgotten(Body):
    """The account's address."""

    email: str


class PasswordReset(Body):
    """A new password, with the token of the e-mail's link."""

    token: str
    password: str


class ProvidersView(View):
    """The sign-in methods of this platform, and where its e-mails go."""

    password: bool
    google: bool
    emails: MailRoute


class RegisterBody(Body):
    """A new account."""

    email: str
    password: str
    name: str


class SessionPage(View):
    """Sessions, the newest first."""

    items: tuple[SessionView, ...]
    next_cursor: str | None


class SessionView(View):
    """One session."""

    id: str
    agent: str
    # Address of the sign-in
    address: str
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    # RFC 3339, UTC, milliseconds
    last_used_at: datetime
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    # Whether it is the caller's own session
    current: bool


class SettingsBody(Body):
    """All settings of the console."""

    theme: Theme
    # BCP 47; sets the format of numbers, dates and times
    language: Language
    # A time zone of the IANA database
    timezone: str
    density: Density


class SettingsView(View):
    """Settings of the console. `version` 0 and `updated_at` null: the defaults."""

    theme: Theme
    language: Language
    timezone: str
    density: Density
    # The `ETag`; send it as `If-Match` to change only this version
    version: int
    updated_at: datetime | None


class SshKeyCreate(Body):
    """A public key in OpenSSH's format, without options; a comment is removed."""

    name: str
    public_key: str


class SshKeyPage(View):
    """Public keys, the newest first."""

    items: tuple[SshKeyView, ...]
    next_cursor: str | None


class SshKeyView(View):
    """A stored public key."""

    id: str
    name: str
    public_key: str
    fingerprint: str
    type: str
    bits: int
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    last_used_at: datetime | None


class TokenView(View):
    """An access token: send it as `Authorization: Bearer …`. The refresh token is set as a cookie."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in_s: int
    user: UserView


class UserView(View):
    """A user."""

    id: str
    email: str
    name: str
    role: Role
    email_proven_at: datetime | None
    # RFC 3339, UTC, milliseconds
    created_at: datetime
