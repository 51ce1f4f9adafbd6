"""Request bodies and responses of accounts."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sharemtc.accounts import passwords
from sharemtc.accounts.preferences import MAX_TIMEZONE_CHARS, Density, Language, Theme, known_timezone
from sharemtc.api_keys import Scope
from sharemtc.mail import MailRoute
from sharemtc.principals import Role
from sharemtc.schemas import Instant, Schema, View
from sharemtc.wire import GivenInstant, TextRule, clean_text
from sharemtc.wire.texts import is_refused

MAX_NAME_CHARS = 100
# as browsers check an e-mail field (WHATWG HTML, "valid e-mail address")
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)


def normalise_email(text: str) -> str:
    """The form in which an address is stored and unique. Errors: `ValueError`."""
    if not _EMAIL.fullmatch(text):
        raise ValueError("Give an e-mail address.")
    return text.lower()


def display_name(given: str, email: str) -> str:
    """A valid name from an identity provider's: characters that are not allowed are left out."""
    shown = "".join(character for character in given if character.isspace() or not is_refused(character))
    return clean_text(shown, MAX_NAME_CHARS) or email.partition("@")[0]


EmailAddress = Annotated[str, Field(max_length=254, examples=["ada@example.org"]), AfterValidator(normalise_email)]
Name = Annotated[str, TextRule(MAX_NAME_CHARS, min_chars=1)]


class RegisterBody(Schema):
    """A new account."""

    email: EmailAddress
    password: str = Field(min_length=passwords.MIN_CHARS, max_length=passwords.MAX_CHARS)
    name: Name = Field(examples=["Ada Lovelace"])


class LoginBody(Schema):
    """Credentials."""

    email: EmailAddress
    password: str = Field(max_length=passwords.MAX_CHARS)


class PasswordChange(Schema):
    """A new password, with the current one."""

    current_password: str = Field(max_length=passwords.MAX_CHARS)
    password: str = Field(min_length=passwords.MIN_CHARS, max_length=passwords.MAX_CHARS)


class PasswordForgotten(Schema):
    """The account's address."""

    email: EmailAddress


class PasswordReset(Schema):
    """A new password, with the token of the e-mail's link."""

    token: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=passwords.MIN_CHARS, max_length=passwords.MAX_CHARS)


class EmailProof(Schema):
    """The token of the e-mail's link."""

    token: str = Field(min_length=1, max_length=200)


class Confirmation(Schema):
    """The current password, to confirm an irreversible operation.

    Accounts without a password (sign-in with Google) omit it and sign in again within ten minutes before.
    """

    password: str | None = Field(default=None, max_length=passwords.MAX_CHARS)


class Accepted(View):
    """The request was accepted and will be processed."""

    detail: str


class UserView(View):
    """A user."""

    id: str = Field(examples=["usr_01JZZZZZZZZZZZZZZZZZZZZZZZ"])
    email: str
    name: str
    role: Role
    email_proven_at: Instant | None
    created_at: Instant


class EmailProven(View):
    """The confirmed address."""

    email: str


class TokenView(View):
    """An access token: send it as `Authorization: Bearer …`. The refresh token is set as a cookie."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in_s: int
    user: UserView


class ProvidersView(View):
    """The sign-in methods of this platform, and where its e-mails go."""

    password: bool
    google: bool
    emails: MailRoute


class RedirectView(View):
    """The target of the redirect, as in `Location`."""

    location: str


class GoogleCallback(Schema):
    """The query of Google's redirect."""

    state: str | None = Field(default=None, max_length=500)
    code: str | None = Field(default=None, max_length=2000)
    error: str | None = Field(default=None, max_length=500)
    error_description: str | None = Field(default=None, max_length=2000)
    error_subtype: str | None = Field(default=None, max_length=500)
    iss: str | None = Field(default=None, max_length=500)
    scope: str | None = Field(default=None, max_length=2000)
    authuser: str | None = Field(default=None, max_length=100)
    hd: str | None = Field(default=None, max_length=300)
    prompt: str | None = Field(default=None, max_length=100)
    session_state: str | None = Field(default=None, max_length=500)


class SshKeyCreate(Schema):
    """A public key in OpenSSH's format, without options; a comment is removed."""

    name: Name = Field(examples=["laptop"])
    public_key: str = Field(min_length=1, max_length=20_000, examples=["ssh-ed25519 AAAAC3Nza… ada@laptop"])


class SshKeyView(View):
    """A stored public key."""

    id: str
    name: str
    public_key: str
    fingerprint: str = Field(examples=["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDRIsOuYl4Uu7s5Rjg"])
    type: str
    bits: int
    created_at: Instant
    last_used_at: Instant | None


class SshKeyPage(View):
    """Public keys, the newest first."""

    items: tuple[SshKeyView, ...]
    next_cursor: str | None


class ApiKeyCreate(Schema):
    """An API key. Without `expires_at` it is valid until revoked."""

    name: Name = Field(examples=["deploy from CI"])
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=len(Scope), examples=[["resources:read"]])
    expires_at: GivenInstant | None = None
    spend_cap_micros: int | None = Field(
        default=None, ge=0, le=10**15, description="Limit in micro-USD of all holds for orders with this key"
    )


class ApiKeyView(View):
    """An API key, without its secret."""

    id: str
    name: str
    prefix: str = Field(examples=["smtc_01JZZZZZZZZZ"], description="The first characters of the key")
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    committed_micros: int = Field(description="Sum of the holds for orders with this key; counts towards the cap")
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class ApiKeyMade(ApiKeyView):
    """A new API key: `key` is shown only once. Send it as `Authorization: Bearer smtc_…`."""

    key: str


class ApiKeyPage(View):
    """API keys, the newest first."""

    items: tuple[ApiKeyView, ...]
    next_cursor: str | None


class SettingsBody(Schema):
    """All settings of the console."""

    theme: Theme
    language: Language = Field(description="BCP 47; sets the format of numbers, dates and times")
    timezone: Annotated[str, Field(max_length=MAX_TIMEZONE_CHARS), AfterValidator(known_timezone)] = Field(
        examples=["Europe/Berlin"], description="A time zone of the IANA database"
    )
    density: Density


class SettingsView(View):
    """Settings of the console. `version` 0 and `updated_at` null: the defaults."""

    theme: Theme
    language: Language
    timezone: str = Field(examples=["Europe/Berlin"])
    density: Density
    version: int = Field(description="The `ETag`; send it as `If-Match` to change only this version")
    updated_at: Instant | None


class SessionView(View):
    """One session."""

    id: str
    agent: str = Field(examples=["Firefox on Linux"])
    address: str = Field(examples=["203.0.113.7"], description="Address of the sign-in")
    created_at: Instant
    last_used_at: Instant
    expires_at: Instant
    current: bool = Field(description="Whether it is the caller's own session")


class SessionPage(View):
    """Sessions, the newest first."""

    items: tuple[SessionView, ...]
    next_cursor: str | None


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
