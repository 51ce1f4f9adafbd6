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
    """Add a public SSH key for the machines you rent.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `ssh_key_taken`, `too_many_ssh_keys`,
    `storage_full`.
    """
    return Call("POST", "/v1/auth/ssh-keys", SshKeyView, body=body, keyed=True, idempotency_key=idempotency_key)


def change_password(body: PasswordChange) -> Call[None]:
    """Change the password.

    All other sessions end.

    Errors: `password_moved`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/change", NoneType, body=body)


def confirm_email(body: EmailProof) -> Call[EmailProven]:
    """Confirm an e-mail address with the token of the e-mail's link.

    The token works once, within a day. A starting credit that requires a confirmed address is added to the wallet.

    Errors: `proof_link_gone`, `storage_full`.
    """
    return Call("POST", "/v1/auth/email/confirm", EmailProven, body=body)


def create_api_key(body: ApiKeyCreate, *, idempotency_key: str | None = None) -> Call[ApiKeyMade]:
    """Create an API key.

    Only this response contains its text.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_api_keys`, `storage_full`.
    """
    return Call("POST", "/v1/auth/api-keys", ApiKeyMade, body=body, keyed=True, idempotency_key=idempotency_key)


def delete_me(body: Confirmation) -> Call[None]:
    """Delete your account.

    This cannot be undone. The remaining balance is lost. The ledger and the audit log stay, without your name.

    Errors: `account_in_use`, `wallet_in_use`, `storage_full`.
    """
    return Call("DELETE", "/v1/auth/me", NoneType, body=body)


def end_session(session_id: str) -> Call[None]:
    """End one of your sessions.

    Its access token can no longer change anything, and can read until it expires, for at most 15 minutes.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/sessions/{segment(session_id)}", NoneType)


def forget_password(body: PasswordForgotten) -> Call[Accepted]:
    """Request an e-mail to reset the password.

    The response does not reveal whether the account exists.

    Errors: `no_email`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/forgot", Accepted, body=body)


def get_settings() -> Call[SettingsView]:
    """Get your console settings.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/settings", SettingsView)


def list_api_keys(*, limit: int | None = None, cursor: str | None = None) -> Call[ApiKeyPage]:
    """List your API keys, newest first, without their secrets.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/api-keys", ApiKeyPage, query={"limit": limit, "cursor": cursor})


def list_audit(*, limit: int | None = None, cursor: str | None = None) -> Call[AuditPage]:
    """List your account's security events, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/audit", AuditPage, query={"limit": limit, "cursor": cursor})


def list_providers() -> Call[ProvidersView]:
    """List the sign-in methods, and where e-mails go.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/providers", ProvidersView)


def list_sessions(*, limit: int | None = None, cursor: str | None = None) -> Call[SessionPage]:
    """List your sessions, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/sessions", SessionPage, query={"limit": limit, "cursor": cursor})


def list_signing_keys() -> Call[Jwks]:
    """List the public keys that verify access tokens.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/.well-known/jwks.json", Jwks)


def list_ssh_keys(*, limit: int | None = None, cursor: str | None = None) -> Call[SshKeyPage]:
    """List your public SSH keys, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/ssh-keys", SshKeyPage, query={"limit": limit, "cursor": cursor})


def login(body: LoginBody) -> Call[TokenView]:
    """Sign in with e-mail address and password.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/login", TokenView, body=body)


def logout() -> Call[None]:
    """Sign out.

    Ends the session of the refresh cookie, and that of the access token if one is sent.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/logout", NoneType)


def me() -> Call[UserView]:
    """Get the signed-in user.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/me", UserView)


def put_settings(body: SettingsBody, *, if_match: int | str | None = None) -> Call[SettingsView]:
    """Set your console settings.

    Errors: `precondition_failed`, `storage_full`.
    """
    return Call("PUT", "/v1/auth/settings", SettingsView, body=body, if_match=if_match)


def refresh() -> Call[TokenView]:
    """Refresh the access token.

    The refresh cookie is replaced.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/refresh", TokenView)


def register(body: RegisterBody) -> Call[TokenView]:
    """Create an account and sign in.

    An e-mail with a link is sent to confirm the address.

    Errors: `email_taken`, `storage_full`.
    """
    return Call("POST", "/v1/auth/register", TokenView, body=body)


def remove_ssh_key(key_id: str) -> Call[None]:
    """Remove a public SSH key.

    Machines that were created with it keep it.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/ssh-keys/{segment(key_id)}", NoneType)


def reset_password(body: PasswordReset) -> Call[None]:
    """Reset the password with the token of the e-mail's link.

    The token works once, within half an hour. All sessions end.

    Errors: `reset_link_gone`, `storage_full`.
    """
    return Call("POST", "/v1/auth/password/reset", NoneType, body=body)


def revoke_api_key(key_id: str) -> Call[None]:
    """Revoke an API key.

    It takes effect at once.

    Errors: `not_found`, `storage_full`.
    """
    return Call("DELETE", f"/v1/auth/api-keys/{segment(key_id)}", NoneType)


def send_proof_email() -> Call[Accepted]:
    """Send the e-mail to confirm your address again.

    Errors: `email_already_proven`, `no_email`, `storage_full`.
    """
    return Call("POST", "/v1/auth/email/confirmation", Accepted)


def sign_in_operator(body: LoginBody) -> Call[TokenView]:
    """Sign in as an operator.

    Only operators can sign in here. Every attempt is recorded.

    Errors: `storage_full`.
    """
    return Call("POST", "/v1/auth/admin/direct", TokenView, body=body)


def verify_audit() -> Call[AuditVerdict]:
    """Verify the chain of your account's security events.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/auth/audit/verify", AuditVerdict)
