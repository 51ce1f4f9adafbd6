"""The operations under /v1/auth. Written by `make openapi` from the API's description."""

from __future__ import annotations

from types import NoneType

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.auth import (
    Accepted,
    ApiKeyCreate,
    ApiKeyMade,
    ApiKeyPage,
    AuditPage,
    Confirmation,
    EmailProof,
    EmailProven,
    Jwks,
    LoginBody,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    ProvidersView,
    RegisterBody,
    SessionPage,
    SettingsBody,
    SettingsView,
    SshKeyCreate,
    SshKeyPage,
    SshKeyView,
    TokenView,
    UserView,
)
from sharemtc_client.models.shared import AuditVerdict


def add_ssh_key(body: SshKeyCreate, *, idempotency_key: str | None = None) -> Call[SshKeyView]:
    """Add a public SSH key, to be put into machines you rent.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `ssh_key_taken`, `too_many_ssh_keys`,
    `storage_full`.
    """
    return Call("POST", "/v1/auth/ssh-keys", SshKeyView, body=body, keyed=True, idempotency_key=idempotency_key)


def change_password(body: PasswordChange) -> Call[None]:
    """Set another password, by the present one. Every other session ends.

    Errors: `password_moved`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/change", NoneType, body=body)


def confirm_email(body: EmailProof) -> Call[EmailProven]:
    """Prove an account's address by the token of an e-mail's link: once, within a day.

    A starting credit that hangs on it is in the wallet then.

    Errors: `proof_link_gone`, `storage_full`.
    """
    return Call("POST", "/v1/auth/email/confirm", EmailProven, body=body)


def create_api_key(body: ApiKeyCreate, *, idempotency_key: str | None = None) -> Call[ApiKeyMade]:
    """Make an API key. Its text is shown this once.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_api_keys`, `storage_full`.
    """
    return Call("POST", "/v1/auth/api-keys", ApiKeyMade, body=body, keyed=True, idempotency_key=idempotency_key)


def delete_me(body: Confirmation) -> Call[None]:
    """Delete your account, for good. Money that is left is lost, the ledger and the audit stay without your name.

    Errors: `account_in_use`, `wallet_in_use`, `storage_full`.
    """
    return Call("DELETE", "/v1/auth/me", NoneType, body=body)


def end_session(session_id: str) -> Call[None]:
    """Sign out somewhere. Its access token changes nothing from then on, and reads for the rest of its 15 minutes.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/sessions/{segment(session_id)}", NoneType)


def forget_password(body: PasswordForgotten) -> Call[Accepted]:
    """Ask for an e-mail with a link by which a new password can be set. Says nothing about who has an account.

    Errors: `no_email`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/forgot", Accepted, body=body)


def get_settings() -> Call[SettingsView]:
    """How you want the console.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/settings", SettingsView)


def list_api_keys(*, limit: int | None = None, cursor: str | None = None) -> Call[ApiKeyPage]:
    """Your API keys, the newest first, without their secrets.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/api-keys", ApiKeyPage, query={"limit": limit, "cursor": cursor})


def list_audit(*, limit: int | None = None, cursor: str | None = None) -> Call[AuditPage]:
    """What happened to your account's security, the newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/audit", AuditPage, query={"limit": limit, "cursor": cursor})


def list_providers() -> Call[ProvidersView]:
    """By what people can sign in here, and where e-mails go.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/providers", ProvidersView)


def list_sessions(*, limit: int | None = None, cursor: str | None = None) -> Call[SessionPage]:
    """Where you are signed in, the newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/sessions", SessionPage, query={"limit": limit, "cursor": cursor})


def list_signing_keys() -> Call[Jwks]:
    """The public keys by which access tokens can be verified.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/.well-known/jwks.json", Jwks)


def list_ssh_keys(*, limit: int | None = None, cursor: str | None = None) -> Call[SshKeyPage]:
    """Your public SSH keys, the newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/ssh-keys", SshKeyPage, query={"limit": limit, "cursor": cursor})


def login(body: LoginBody) -> Call[TokenView]:
    """Sign in with e-mail address and password.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/login", TokenView, body=body)


def logout() -> Call[None]:
    """End the session of the refresh cookie, and that of the access token, where one is sent.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/logout", NoneType)


def me() -> Call[UserView]:
    """Who is signed in.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/me", UserView)


def put_settings(body: SettingsBody, *, if_match: int | str | None = None) -> Call[SettingsView]:
    """Choose how you want the console: all of it at once.

    Errors: `precondition_failed`, `storage_full`.
    """
    return Call("PUT", "/v1/auth/settings", SettingsView, body=body, if_match=if_match)


def refresh() -> Call[TokenView]:
    """Go on with a session by its refresh cookie, which is replaced.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/refresh", TokenView)


def register(body: RegisterBody) -> Call[TokenView]:
    """Create an account and sign in. An e-mail to its address proves, by a link, that it is yours.

    Errors: `email_taken`, `storage_full`.
    """
    return Call("POST", "/v1/auth/register", TokenView, body=body)


def remove_ssh_key(key_id: str) -> Call[None]:
    """Remove a public SSH key. Machines made with it keep it.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/ssh-keys/{segment(key_id)}", NoneType)


def reset_password(body: PasswordReset) -> Call[None]:
    """Set a new password by the token of an e-mail's link: once, within half an hour. Every session ends.

    Errors: `reset_link_gone`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/reset", NoneType, body=body)


def revoke_api_key(key_id: str) -> Call[None]:
    """Revoke an API key. The next request with it is refused.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/api-keys/{segment(key_id)}", NoneType)


def send_proof_email() -> Call[Accepted]:
    """Ask again for the e-mail that proves your address.

    Errors: `email_already_proven`, `no_email`, `storage_full`.
    """
    return Call("POST", "/v1/auth/email/confirmation", Accepted)


def sign_in_operator(body: LoginBody) -> Call[TokenView]:
    """Sign in as an operator. Nobody else gets in here, and every try is recorded.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/admin/direct", TokenView, body=body)


def verify_audit() -> Call[AuditVerdict]:
    """Whether every one of those records is there and as it was written.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/audit/verify", AuditVerdict)
