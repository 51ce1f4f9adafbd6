"""The operations under /v1/auth, for asyncio. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.auth import (
    Accepted,
    ApiKeyCreate,
    ApiKeyMade,
    ApiKeyPage,
    ApiKeyView,
    AuditPage,
    AuditView,
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
    SessionView,
    SettingsBody,
    SettingsView,
    SshKeyCreate,
    SshKeyPage,
    SshKeyView,
    TokenView,
    UserView,
)
from sharemtc_client.models.shared import AuditVerdict
from sharemtc_client.pages import every_async
from sharemtc_client.sessions import AsyncSession


class AsyncAuth:
    """Everything under /v1/auth, for asyncio."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_ssh_key(self, body: SshKeyCreate, *, idempotency_key: str | None = None) -> SshKeyView:
        """Add a public SSH key, to be put into machines you rent.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `ssh_key_taken`, `too_many_ssh_keys`,
        `storage_full`.
        """
        return await self._session.send(
            Call("POST", "/v1/auth/ssh-keys", body=body, keyed=True, idempotency_key=idempotency_key), SshKeyView
        )

    async def change_password(self, body: PasswordChange) -> None:
        """Set another password, by the present one. Every other session ends.

        Errors: `password_moved`, `storage_full`.
        """
        await self._session.send(Call("POST", "/v1/auth/password/change", body=body), None)

    async def confirm_email(self, body: EmailProof) -> EmailProven:
        """Prove an account's address by the token of an e-mail's link: once, within a day.

        A starting credit that hangs on it is in the wallet then.

        Errors: `proof_link_gone`, `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/email/confirm", body=body), EmailProven)

    async def create_api_key(self, body: ApiKeyCreate, *, idempotency_key: str | None = None) -> ApiKeyMade:
        """Make an API key. Its text is shown this once.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_api_keys`, `storage_full`.
        """
        return await self._session.send(
            Call("POST", "/v1/auth/api-keys", body=body, keyed=True, idempotency_key=idempotency_key), ApiKeyMade
        )

    async def delete_me(self, body: Confirmation) -> None:
        """Delete your account, for good. Money that is left is lost, the ledger and the audit stay without your name.

        Errors: `account_in_use`, `wallet_in_use`, `storage_full`.
        """
        await self._session.send(Call("DELETE", "/v1/auth/me", body=body), None)

    async def end_session(self, session_id: str) -> None:
        """Sign out somewhere. Its access token changes nothing from then on, and reads for the rest of its 15 minutes.

        Errors: `not_found`, `storage_full`.
        """
        await self._session.send(Call("DELETE", f"/v1/auth/sessions/{segment(session_id)}"), None)

    async def forget_password(self, body: PasswordForgotten) -> Accepted:
        """Ask for an e-mail with a link by which a new password can be set. Says nothing about who has an account.

        Errors: `no_letters`, `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/password/forgot", body=body), Accepted)

    async def get_settings(self) -> SettingsView:
        """How you want the console.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/auth/settings"), SettingsView)

    async def list_api_keys(self, *, limit: int | None = None, cursor: str | None = None) -> ApiKeyPage:
        """Your API keys, the newest first, without their secrets.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/auth/api-keys", query={"limit": limit, "cursor": cursor}), ApiKeyPage
        )

    def iter_api_keys(self, *, limit: int | None = None) -> AsyncIterator[ApiKeyView]:
        """Every item of `list_api_keys`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_api_keys(limit=limit, cursor=cursor))

    async def list_audit(self, *, limit: int | None = None, cursor: str | None = None) -> AuditPage:
        """What happened to your account's security, the newest first.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/auth/audit", query={"limit": limit, "cursor": cursor}), AuditPage
        )

    def iter_audit(self, *, limit: int | None = None) -> AsyncIterator[AuditView]:
        """Every item of `list_audit`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_audit(limit=limit, cursor=cursor))

    async def list_providers(self) -> ProvidersView:
        """By what people can sign in here, and where e-mails go.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/auth/providers"), ProvidersView)

    async def list_sessions(self, *, limit: int | None = None, cursor: str | None = None) -> SessionPage:
        """Where you are signed in, the newest first.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/auth/sessions", query={"limit": limit, "cursor": cursor}), SessionPage
        )

    def iter_sessions(self, *, limit: int | None = None) -> AsyncIterator[SessionView]:
        """Every item of `list_sessions`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_sessions(limit=limit, cursor=cursor))

    async def list_signing_keys(self) -> Jwks:
        """The public keys by which access tokens can be verified.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/auth/.well-known/jwks.json"), Jwks)

    async def list_ssh_keys(self, *, limit: int | None = None, cursor: str | None = None) -> SshKeyPage:
        """Your public SSH keys, the newest first.

        Errors: `storage_full`.
        """
        return await self._session.send(
            Call("GET", "/v1/auth/ssh-keys", query={"limit": limit, "cursor": cursor}), SshKeyPage
        )

    def iter_ssh_keys(self, *, limit: int | None = None) -> AsyncIterator[SshKeyView]:
        """Every item of `list_ssh_keys`, page after page; `limit` is how many a page has."""
        return every_async(lambda cursor: self.list_ssh_keys(limit=limit, cursor=cursor))

    async def login(self, body: LoginBody) -> TokenView:
        """Sign in with e-mail address and password.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/login", body=body), TokenView)

    async def logout(self) -> None:
        """End the session of the refresh cookie, and that of the access token, where one is sent.

        Errors: `storage_full`.
        """
        await self._session.send(Call("POST", "/v1/auth/logout"), None)

    async def me(self) -> UserView:
        """Who is signed in.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/auth/me"), UserView)

    async def put_settings(self, body: SettingsBody, *, if_match: int | str | None = None) -> SettingsView:
        """Choose how you want the console: all of it at once.

        Errors: `precondition_failed`, `storage_full`.
        """
        return await self._session.send(Call("PUT", "/v1/auth/settings", body=body, if_match=if_match), SettingsView)

    async def refresh(self) -> TokenView:
        """Go on with a session by its refresh cookie, which is replaced.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/refresh"), TokenView)

    async def register(self, body: RegisterBody) -> TokenView:
        """Create an account and sign in. An e-mail to its address proves, by a link, that it is yours.

        Errors: `email_taken`, `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/register", body=body), TokenView)

    async def remove_ssh_key(self, key_id: str) -> None:
        """Remove a public SSH key. Machines made with it keep it.

        Errors: `not_found`, `storage_full`.
        """
        await self._session.send(Call("DELETE", f"/v1/auth/ssh-keys/{segment(key_id)}"), None)

    async def reset_password(self, body: PasswordReset) -> None:
        """Set a new password by the token of an e-mail's link: once, within half an hour. Every session ends.

        Errors: `reset_link_gone`, `storage_full`.
        """
        await self._session.send(Call("POST", "/v1/auth/password/reset", body=body), None)

    async def revoke_api_key(self, key_id: str) -> None:
        """Revoke an API key. The next request with it is refused.

        Errors: `not_found`, `storage_full`.
        """
        await self._session.send(Call("DELETE", f"/v1/auth/api-keys/{segment(key_id)}"), None)

    async def send_proof_letter(self) -> Accepted:
        """Ask again for the e-mail that proves your address.

        Errors: `email_already_proven`, `no_letters`, `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/email/letter"), Accepted)

    async def sign_in_operator(self, body: LoginBody) -> TokenView:
        """Sign in as an operator. Nobody else gets in here, and every try is recorded.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("POST", "/v1/auth/admin/direct", body=body), TokenView)

    async def verify_audit(self) -> AuditVerdict:
        """Whether every one of those records is there and as it was written.

        Errors: `storage_full`.
        """
        return await self._session.send(Call("GET", "/v1/auth/audit/verify"), AuditVerdict)
