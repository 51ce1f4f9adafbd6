"""Accounts over HTTP."""

from __future__ import annotations

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
# the form that browsers check an e-mail field by (WHATWG HTML, "valid e-mail address")
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)


def normalise_email(text: str) -> str:
    """The one spelling under which an address is stored and unique. Errors: `ValueError`."""
    if not _EMAIL.fullmatch(text):
        raise ValueError("Give an e-mail address.")
    return text.lower()


def display_name(given: str, email: str) -> str:
    """A name that another party gave, made fit to be one of ours: what a name must not hold is left out of it."""
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
    """Another password, by the present one."""

    current_password: str = Field(max_length=passwords.MAX_CHARS)
    password: str = Field(min_length=passwords.MIN_CHARS, max_length=passwords.MAX_CHARS)


class PasswordForgotten(Schema):
    """Where to send an e-mail with a link."""

    email: EmailAddress


class PasswordReset(Schema):
    """Another password, by the token of an e-mail's link."""

    token: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=passwords.MIN_CHARS, max_length=passwords.MAX_CHARS)


class EmailProof(Schema):
    """The token of an e-mail's link."""

    token: str = Field(min_length=1, max_length=200)


class Confirmation(Schema):
    """The present password, once more, before something that cannot be undone.

    An account that has none (it signs in with Google) leaves it out and signs in again just before.
    """

    password: str | None = Field(default=None, max_length=passwords.MAX_CHARS)


class Accepted(View):
    """It will be done."""

    detail: str


class UserView(View):
    """A person."""

    id: str = Field(examples=["usr_01JZZZZZZZZZZZZZZZZZZZZZZZ"])
    email: str
    name: str
    role: Role
    email_proven_at: Instant | None
    created_at: Instant


class EmailProven(View):
    """An address that is proven now."""

    email: str


class TokenView(View):
    """An access token: send it as `Authorization: Bearer …`. The refresh token came as a cookie."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in_s: int
    user: UserView


class ProvidersView(View):
    """By what people can sign in here, and where e-mails (a new password, an address to confirm) go."""

    password: bool
    google: bool
    emails: MailRoute


class RedirectView(View):
    """Where the browser goes, as `Location` says too."""

    location: str


class GoogleCallback(Schema):
    """What Google sends the browser back with."""

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
    """A public key in OpenSSH's format; a comment is dropped, options are refused."""

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
    """A key for programs. Without `expires_at` it is good until revoked."""

    name: Name = Field(examples=["deploy from CI"])
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=len(Scope), examples=[["resources:read"]])
    expires_at: GivenInstant | None = None
    spend_cap_micros: int | None = Field(
        default=None, ge=0, le=10**15, description="Micro-USD that may be held, in all, for what is ordered with it"
    )


class ApiKeyView(View):
    """A key, without its secret."""

    id: str
    name: str
    prefix: str = Field(examples=["smtc_01JZZZZZZZZZ"], description="How the key begins")
    scopes: tuple[Scope, ...]
    spend_cap_micros: int | None
    committed_micros: int = Field(description="What was held for orders with it, against the cap")
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class ApiKeyMade(ApiKeyView):
    """A new key: `key` is shown this once. Send it as `Authorization: Bearer smtc_…`."""

    key: str


class ApiKeyPage(View):
    """API keys, the newest first."""

    items: tuple[ApiKeyView, ...]
    next_cursor: str | None


class SettingsBody(Schema):
    """How the console shall look; the whole of it."""

    theme: Theme
    language: Language = Field(description="BCP 47; numbers, dates and times are written its way")
    timezone: Annotated[str, Field(max_length=MAX_TIMEZONE_CHARS), AfterValidator(known_timezone)] = Field(
        examples=["Europe/Berlin"], description="A name of the IANA database"
    )
    density: Density


class SettingsView(View):
    """How the console looks. `version` 0, `updated_at` null: as it comes, nothing was chosen."""

    theme: Theme
    language: Language
    timezone: str = Field(examples=["Europe/Berlin"])
    density: Density
    version: int = Field(description="The `ETag`; send it as `If-Match` to change only what was read")
    updated_at: Instant | None


class SessionView(View):
    """One sign-in that goes on."""

    id: str
    agent: str = Field(examples=["Firefox on Linux"])
    address: str = Field(examples=["203.0.113.7"], description="Where it was begun")
    created_at: Instant
    last_used_at: Instant
    expires_at: Instant
    current: bool = Field(description="Whether it is the one that asks")


class SessionPage(View):
    """Sessions, the newest first."""

    items: tuple[SessionView, ...]
    next_cursor: str | None


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
