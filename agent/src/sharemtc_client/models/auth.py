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
    """How much stands on a screen."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


class Language(OpenEnum):
    """BCP 47 tags by which the console writes numbers, dates and times."""

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
    """It will be done."""

    detail: str


class ApiKeyCreate(Body):
    """A key for programs. Without `expires_at` it is good until revoked."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    # Micro-USD that may be held, in all, for what is ordered with it
    spend_cap_micros: int | None = None


class ApiKeyMade(View):
    """A new key: `key` is shown this once. Send it as `Authorization: Bearer smtc_…`."""

    id: str
    name: str
    # How the key begins
    prefix: str
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    # What was held for orders with it, against the cap
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
    """A key, without its secret."""

    id: str
    name: str
    # How the key begins
    prefix: str
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    # What was held for orders with it, against the cap
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
    """One security event. `hash` covers it and `previous_hash`; how, says `GET /v1/auth/audit/verify`."""

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
    """The present password, once more, before something that cannot be undone.

    An account that has none (it signs in with Google) leaves it out and signs in again just before.
    """

    password: str | None = None


class EmailProof(Body):
    """The token of an e-mail's link."""

    token: str


class EmailProven(View):
    """An address that is proven now."""

    email: str


class Jwk(View):
    """A public key of ours (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    kid: str
    x: str


class Jwks(View):
    """The public keys by which anyone can verify our access tokens (RFC 7517)."""

    keys: tuple[Jwk, ...]


class LoginBody(Body):
    """Credentials."""

    email: str
    password: str


class OriginView(View):
    """Where the request came from. `salt` is part of what `origin_digest` covers."""

    address: str
    agent: str
    salt: str


class PasswordChange(Body):
    """Another password, by the present one."""

    current_password: str
    password: str


class PasswordForgotten(Body):
    """Where to send an e-mail with a link."""

    email: str


class PasswordReset(Body):
    """Another password, by the token of an e-mail's link."""

    token: str
    password: str


class ProvidersView(View):
    """By what people can sign in here, and where e-mails (a new password, an address to confirm) go."""

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
    """One sign-in that goes on."""

    id: str
    agent: str
    # Where it was begun
    address: str
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    # RFC 3339, UTC, milliseconds
    last_used_at: datetime
    # RFC 3339, UTC, milliseconds
    expires_at: datetime
    # Whether it is the one that asks
    current: bool


class SettingsBody(Body):
    """How the console shall look; the whole of it."""

    theme: Theme
    # BCP 47; numbers, dates and times are written its way
    language: Language
    # A name of the IANA database
    timezone: str
    density: Density


class SettingsView(View):
    """How the console looks. `version` 0, `updated_at` null: as it comes, nothing was chosen."""

    theme: Theme
    language: Language
    timezone: str
    density: Density
    # The `ETag`; send it as `If-Match` to change only what was read
    version: int
    updated_at: datetime | None


class SshKeyCreate(Body):
    """A public key in OpenSSH's format; a comment is dropped, options are refused."""

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
    """An access token: send it as `Authorization: Bearer …`. The refresh token came as a cookie."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in_s: int
    user: UserView


class UserView(View):
    """A person."""

    id: str
    email: str
    name: str
    role: Role
    email_proven_at: datetime | None
    # RFC 3339, UTC, milliseconds
    created_at: datetime
