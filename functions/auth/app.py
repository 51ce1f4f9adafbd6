"""/v1/auth: accounts, sessions, SSH keys and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sharemtc import access_tokens, mail
from sharemtc.accounts import (
    api_keys,
    deletion,
    google,
    jobs,
    oidc,
    operators,
    profile,
    proving,
    recovery,
    sessions,
)
from sharemtc.accounts import service as accounts
from sharemtc.accounts.login_throttle import TooManyGuesses
from sharemtc.accounts.schemas import (
    Accepted,
    ApiKeyCreate,
    ApiKeyMade,
    ApiKeyPage,
    Confirmation,
    EmailProof,
    EmailProven,
    GoogleCallback,
    Jwks,
    LoginBody,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    ProvidersView,
    RedirectView,
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
from sharemtc.accounts.sessions import LIFETIME as SESSION_LIFETIME
from sharemtc.accounts.sessions import SessionEnded
from sharemtc.accounts.trusted_browsers import LIFETIME as DEVICE_LIFETIME
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditPage, AuditVerdict
from sharemtc.billing import account_wallets, wallet_closure
from sharemtc.http.api import Api, Reply, Request
from sharemtc.idempotency import Claim
from sharemtc.mail import MailRoute
from sharemtc.principals import ANYONE_SIGNED_IN, Principal
from sharemtc.problems import NotFound, Problem
from sharemtc.requests import IfMatch
from sharemtc.schemas import PageQuery
from sharemtc.settings import settings
from sharemtc.storage.failures import Busy
from sharemtc.storage.pages import Page

if TYPE_CHECKING:
    from sharemtc.accounts.table import Settings, SshKey, User
    from sharemtc.audit.table import AuditRecord

REFRESH_COOKIE, REFRESH_PATH = "sharemtc_refresh", "/v1/auth"
GOOGLE_COOKIE, GOOGLE_PATH = "sharemtc_google", "/v1/auth/google"
DEVICE_COOKIE, DEVICE_PATH = "sharemtc_device", "/v1/auth"

_SENT = {
    MailRoute.EMAIL: "an e-mail was sent.",
    MailRoute.OUTBOX: "an e-mail was written on the machine that runs this platform; `make emails` shows it.",
}

app = api = Api("auth")


@api.operation("POST", "/v1/auth/register", status=201, public=True, errors=(accounts.EmailTaken,))
def register(body: RegisterBody, request: Request) -> Reply[TokenView]:
    """Create an account and sign in.

    An e-mail with a link is sent to confirm the address.
    """
    origin = Origin.of(request)
    signed_in = accounts.register(body, account_wallets.with_wallet(origin), origin)
    if mail.route() is not MailRoute.NONE:
        jobs.enqueue(jobs.SendProof(user_id=signed_in.user.id))
    return _signed_in(signed_in)


@api.operation("POST", "/v1/auth/login", public=True, errors=(accounts.WrongCredentials, TooManyGuesses))
def login(body: LoginBody, request: Request) -> Reply[TokenView]:
    """Sign in with e-mail address and password."""
    return _signed_in(accounts.log_in(body, Origin.of(request), request.cookie(DEVICE_COOKIE)))


@api.operation("POST", "/v1/auth/refresh", public=True, errors=(SessionEnded,))
def refresh(request: Request) -> Reply[TokenView]:
    """Refresh the access token.

    The refresh cookie is replaced.
    """
    return _signed_in(accounts.refresh(request.cookie(REFRESH_COOKIE), Origin.of(request)))


@api.operation("POST", "/v1/auth/logout", status=204, public=True, errors=(access_tokens.WrongToken,))
def logout(request: Request) -> Reply[None]:
    """Sign out.

    Ends the session of the refresh cookie, and that of the access token if one is sent.
    """
    refresh_token = request.cookie(REFRESH_COOKIE)
    accounts.log_out(refresh_token)
    try:
        if "authorization" in request.headers:
            accounts.log_out_by(access_tokens.authenticate_session(request))
    except access_tokens.WrongToken:
        # browsers sign out with the cookie, often after the access token has expired
        if not refresh_token:
            raise
    return Reply(None, cookies=(_cookie(REFRESH_COOKIE, "", REFRESH_PATH, 0),))


@api.operation("GET", "/v1/auth/providers", public=True)
def list_providers() -> ProvidersView:
    """List the sign-in methods, and where e-mails go."""
    return ProvidersView(password=True, google=google.is_configured(), emails=mail.route())


@api.operation(
    "GET",
    "/v1/auth/google/start",
    status=302,
    public=True,
    errors=(google.GoogleNotConfigured, oidc.ProviderDown),
)
def start_google() -> Reply[RedirectView]:
    """Redirect the browser to Google to sign in."""
    started = google.start()
    age_s = int(google.STATE_LIFETIME.total_seconds())
    # the callback is a navigation from another site, for which browsers do not send strict cookies
    cookie = _cookie(GOOGLE_COOKIE, started.state_token, GOOGLE_PATH, age_s, same_site="Lax")
    return _redirect(started.url, (cookie,))


@api.operation("GET", "/v1/auth/google/callback", status=302, public=True, errors=(google.GoogleNotConfigured,))
def finish_google(query: GoogleCallback, request: Request) -> Reply[RedirectView]:
    """Complete the sign-in with Google.

    Google redirects the browser here. Redirects to the console, or to `/sign-in?problem=<code>`.
    """
    done = _cookie(GOOGLE_COOKIE, "", GOOGLE_PATH, 0, same_site="Lax")
    state_token = request.cookie(GOOGLE_COOKIE)
    try:
        origin = Origin.of(request)
        signed_in = google.finish(query.code, query.state, state_token, account_wallets.with_wallet(origin), origin)
    except google.GoogleNotConfigured:
        raise
    except Problem as problem:
        return _redirect(f"{settings().public_url}/sign-in?problem={problem.code}", (done,))
    return _redirect(f"{settings().public_url}/", (done, *_session_cookies(signed_in)))


@api.operation("POST", "/v1/auth/admin/direct", public=True, errors=(accounts.WrongCredentials, TooManyGuesses))
def sign_in_operator(body: LoginBody, request: Request) -> Reply[TokenView]:
    """Sign in as an operator.

    Only operators can sign in here. Every attempt is recorded.
    """
    return _signed_in(operators.log_in(body, Origin.of(request), request.cookie(DEVICE_COOKIE)))


@api.operation(
    "POST",
    "/v1/auth/password/change",
    status=204,
    roles=ANYONE_SIGNED_IN,
    errors=(recovery.WrongPassword, recovery.PasswordMoved, TooManyGuesses),
)
def change_password(caller: Principal, body: PasswordChange, request: Request) -> None:
    """Change the password.

    All other sessions end.
    """
    recovery.change_password(caller.user_id, caller.session_id, body, Origin.of(request))
    jobs.enqueue(jobs.SendPasswordChanged(user_id=caller.user_id))


@api.operation("POST", "/v1/auth/password/forgot", status=202, public=True, errors=(TooManyGuesses, mail.NoEmail))
def forget_password(body: PasswordForgotten, request: Request) -> Accepted:
    """Request an e-mail to reset the password.

    The response does not reveal whether the account exists.
    """
    origin = Origin.of(request)
    # counted first, so that requests that fail count towards the limit
    recovery.limit_requests(origin)
    route = mail.require_route()
    jobs.enqueue(jobs.SendReset(email=body.email, address=origin.address, agent=origin.agent))
    return Accepted(detail=f"If there is an account with this address, {_SENT[route]}")


@api.operation("POST", "/v1/auth/password/reset", status=204, public=True, errors=(recovery.ResetLinkGone,))
def reset_password(body: PasswordReset, request: Request) -> None:
    """Reset the password with the token of the e-mail's link.

    The token works once, within half an hour. All sessions end.
    """
    origin = Origin.of(request)
    recovery.reset_password(body, account_wallets.with_credit(origin), origin)


@api.operation(
    "POST",
    "/v1/auth/email/confirmation",
    status=202,
    roles=ANYONE_SIGNED_IN,
    errors=(mail.NoEmail, proving.AlreadyProven),
)
def send_proof_email(caller: Principal) -> Accepted:
    """Send the e-mail to confirm your address again."""
    route = mail.require_route()
    proving.resend_email(caller.user_id)
    return Accepted(detail=f"{_SENT[route].capitalize()} At most three are sent in 15 minutes.")


@api.operation("POST", "/v1/auth/email/confirm", public=True, errors=(proving.ProofLinkGone,))
def confirm_email(body: EmailProof, request: Request) -> EmailProven:
    """Confirm an e-mail address with the token of the e-mail's link.

    The token works once, within a day. A starting credit that requires a confirmed address is added to the wallet.
    """
    origin = Origin.of(request)
    return EmailProven(email=proving.prove(body.token, account_wallets.with_credit(origin), origin).email)


@api.operation("GET", "/v1/auth/me", roles=ANYONE_SIGNED_IN, view=UserView)
def me(caller: Principal) -> User:
    """Get the signed-in user."""
    return accounts.find_user(caller.user_id)


@api.operation(
    "DELETE",
    "/v1/auth/me",
    status=204,
    roles=ANYONE_SIGNED_IN,
    errors=(deletion.AccountInUse, wallet_closure.WalletInUse, recovery.WrongPassword, TooManyGuesses),
)
def delete_me(caller: Principal, body: Confirmation, request: Request) -> Reply[None]:
    """Delete your account.

    This cannot be undone. The remaining balance is lost. The ledger and the audit log stay, without your name.
    """
    user = deletion.check_deletable(caller.user_id, caller.session_id, body.password, account_wallets.blockers)
    # if this request is interrupted, the queue erases the rest
    jobs.enqueue(jobs.Erase(user_id=user.id), delay_s=jobs.ERASE_DELAY_S)
    deletion.delete_account(user, Origin.of(request), account_wallets.close_wallet)
    return Reply(None, cookies=(_cookie(REFRESH_COOKIE, "", REFRESH_PATH, 0),))


@api.operation("GET", "/v1/auth/settings", roles=ANYONE_SIGNED_IN, view=SettingsView)
def get_settings(caller: Principal) -> Settings:
    """Get your console settings."""
    return profile.read_settings(caller.user_id)


@api.operation("PUT", "/v1/auth/settings", roles=ANYONE_SIGNED_IN, view=SettingsView)
def put_settings(caller: Principal, body: SettingsBody, if_match: IfMatch) -> Settings:
    """Set your console settings."""
    return profile.write_settings(caller.user_id, body, if_match)


@api.operation("GET", "/v1/auth/sessions", roles=ANYONE_SIGNED_IN)
def list_sessions(caller: Principal, query: PageQuery) -> SessionPage:
    """List your sessions, newest first."""
    return profile.list_sessions(caller, query)


@api.operation("DELETE", "/v1/auth/sessions/{session_id}", status=204, roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def end_session(caller: Principal, session_id: str, request: Request) -> None:
    """End one of your sessions.

    Its access token can no longer change anything, and can read until it expires, for at most 15 minutes.
    """
    sessions.end(accounts.find_user(caller.user_id), session_id, Origin.of(request))


@api.operation("GET", "/v1/auth/audit", roles=ANYONE_SIGNED_IN, view=AuditPage)
def list_audit(caller: Principal, query: PageQuery) -> Page[AuditRecord]:
    """List your account's security events, newest first."""
    return audit.list_events(caller.user_id, query)


@api.operation("GET", "/v1/auth/audit/verify", roles=ANYONE_SIGNED_IN, errors=(Busy,))
def verify_audit(caller: Principal) -> AuditVerdict:
    """Verify the chain of your account's security events."""
    return audit.verify(caller.user_id)


@api.operation("GET", "/v1/auth/ssh-keys", roles=ANYONE_SIGNED_IN, view=SshKeyPage)
def list_ssh_keys(caller: Principal, query: PageQuery) -> Page[SshKey]:
    """List your public SSH keys, newest first."""
    return accounts.list_ssh_keys(caller.user_id, query)


@api.operation(
    "POST",
    "/v1/auth/ssh-keys",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(accounts.SshKeyTaken, accounts.TooManySshKeys),
)
def add_ssh_key(caller: Principal, body: SshKeyCreate, request: Request, claim: Claim) -> SshKeyView:
    """Add a public SSH key for the machines you rent."""
    return accounts.add_ssh_key(caller.user_id, body, Origin.of(request), claim)


@api.operation("DELETE", "/v1/auth/ssh-keys/{key_id}", status=204, roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def remove_ssh_key(caller: Principal, key_id: str, request: Request) -> None:
    """Remove a public SSH key.

    Machines that were created with it keep it.
    """
    accounts.remove_ssh_key(caller.user_id, key_id, Origin.of(request))


@api.operation("GET", "/v1/auth/api-keys", roles=ANYONE_SIGNED_IN)
def list_api_keys(caller: Principal, query: PageQuery) -> ApiKeyPage:
    """List your API keys, newest first, without their secrets."""
    return api_keys.list_api_keys(caller.user_id, query)


@api.operation(
    "POST",
    "/v1/auth/api-keys",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(api_keys.TooManyApiKeys,),
)
def create_api_key(caller: Principal, body: ApiKeyCreate, request: Request, claim: Claim) -> ApiKeyMade:
    """Create an API key.

    Only this response contains its text.
    """
    return api_keys.create(caller.user_id, body, Origin.of(request), claim)


@api.operation("DELETE", "/v1/auth/api-keys/{key_id}", status=204, roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def revoke_api_key(caller: Principal, key_id: str, request: Request) -> None:
    """Revoke an API key.

    It takes effect at once.
    """
    api_keys.revoke(caller.user_id, key_id, Origin.of(request))


@api.operation("GET", "/v1/auth/.well-known/jwks.json", public=True, view=Jwks)
def list_signing_keys() -> Reply[dict[str, object]]:
    """List the public keys that verify access tokens."""
    return Reply({"keys": access_tokens.key_ring().jwks()}, headers={"Cache-Control": "public, max-age=300"})


def _signed_in(signed_in: accounts.SignedIn) -> Reply[TokenView]:
    return Reply(TokenView.model_validate(signed_in), cookies=_session_cookies(signed_in))


def _session_cookies(signed_in: accounts.SignedIn) -> list[str]:
    age_s = int(SESSION_LIFETIME.total_seconds())
    cookies = [_cookie(REFRESH_COOKIE, signed_in.refresh_token, REFRESH_PATH, age_s)]
    if signed_in.device_token is not None:
        age_s = int(DEVICE_LIFETIME.total_seconds())
        cookies.append(_cookie(DEVICE_COOKIE, signed_in.device_token, DEVICE_PATH, age_s))
    return cookies


def _redirect(url: str, cookies: Sequence[str]) -> Reply[RedirectView]:
    return Reply(RedirectView(location=url), headers={"Location": url}, cookies=cookies)


def _cookie(name: str, value: str, path: str, max_age_s: int, *, same_site: str = "Strict") -> str:
    secure = "; Secure" if settings().cookie_secure else ""
    return f"{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite={same_site}{secure}"
