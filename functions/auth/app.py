"""/v1/auth: accounts, sessions and SSH keys."""

from __future__ import annotations

from sharemtc import clock, identity
from sharemtc.accounts import profile, sessions
from sharemtc.accounts import service as accounts
from sharemtc.accounts.devices import LIFETIME as DEVICE_LIFETIME
from sharemtc.accounts.guesses import TooManyGuesses
from sharemtc.accounts.schemas import (
    Jwks,
    LoginBody,
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
from sharemtc.accounts.table import Settings, SshKey, User
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditPage, AuditVerdict
from sharemtc.audit.table import AuditRecord
from sharemtc.billing import service as billing
from sharemtc.dynamo import Busy, Page, Transaction
from sharemtc.http import Api, Reply, Request
from sharemtc.identity import ANYONE_SIGNED_IN, Principal
from sharemtc.problems import NotFound
from sharemtc.schemas import PageQuery
from sharemtc.settings import settings

REFRESH_COOKIE, REFRESH_PATH = "sharemtc_refresh", "/v1/auth"
DEVICE_COOKIE, DEVICE_PATH = "sharemtc_device", "/v1/auth"

app = api = Api("auth")


@api.operation("POST", "/v1/auth/register", status=201, public=True, errors=(accounts.EmailTaken,))
def register(body: RegisterBody, request: Request) -> Reply[TokenView]:
    """Create an account and sign in."""
    return _signed_in(accounts.register(body, _with_wallet, Origin.of(request)))


@api.operation("POST", "/v1/auth/login", public=True, errors=(accounts.WrongCredentials, TooManyGuesses))
def login(body: LoginBody, request: Request) -> Reply[TokenView]:
    """Sign in with e-mail address and password."""
    return _signed_in(accounts.log_in(body, Origin.of(request), request.cookie(DEVICE_COOKIE)))


@api.operation("POST", "/v1/auth/refresh", public=True, errors=(SessionEnded,))
def refresh(request: Request) -> Reply[TokenView]:
    """Go on with a session by its refresh cookie, which is replaced."""
    return _signed_in(accounts.refresh(request.cookie(REFRESH_COOKIE), Origin.of(request)))


@api.operation("POST", "/v1/auth/logout", status=204, public=True)
def logout(request: Request) -> Reply[None]:
    """End the session of the refresh cookie."""
    accounts.log_out(request.cookie(REFRESH_COOKIE))
    return Reply(None, cookies=(_cookie(REFRESH_COOKIE, "", REFRESH_PATH, 0),))


@api.operation("GET", "/v1/auth/me", roles=ANYONE_SIGNED_IN, view=UserView)
def me(caller: Principal) -> User:
    """Who is signed in."""
    return accounts.find_user(caller.user_id)


@api.operation("GET", "/v1/auth/settings", roles=ANYONE_SIGNED_IN, view=SettingsView)
def get_settings(caller: Principal) -> Settings:
    """How you want the console."""
    return profile.read_settings(caller.user_id)


@api.operation("PUT", "/v1/auth/settings", roles=ANYONE_SIGNED_IN, view=SettingsView)
def put_settings(caller: Principal, body: SettingsBody) -> Settings:
    """Choose how you want the console: all of it at once."""
    return profile.write_settings(caller.user_id, body)


@api.operation("GET", "/v1/auth/sessions", roles=ANYONE_SIGNED_IN)
def list_sessions(caller: Principal, query: PageQuery) -> SessionPage:
    """Where you are signed in, the newest first."""
    return profile.list_sessions(caller, query)


@api.operation("DELETE", "/v1/auth/sessions/{session_id}", status=204, roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def end_session(caller: Principal, session_id: str, request: Request) -> None:
    """Sign out somewhere. An access token that is out already is good for the rest of its 15 minutes."""
    sessions.end(accounts.find_user(caller.user_id), session_id, Origin.of(request))


@api.operation("GET", "/v1/auth/audit", roles=ANYONE_SIGNED_IN, view=AuditPage)
def list_audit(caller: Principal, query: PageQuery) -> Page[AuditRecord]:
    """What happened to your account's security, the newest first."""
    return audit.list_events(caller.user_id, query)


@api.operation("GET", "/v1/auth/audit/verify", roles=ANYONE_SIGNED_IN, errors=(Busy,))
def verify_audit(caller: Principal) -> AuditVerdict:
    """Whether every one of those records is there and as it was written."""
    return audit.verify(caller.user_id)


@api.operation("GET", "/v1/auth/ssh-keys", roles=ANYONE_SIGNED_IN, view=SshKeyPage)
def list_ssh_keys(caller: Principal, query: PageQuery) -> Page[SshKey]:
    """Your public SSH keys, the newest first."""
    return accounts.list_ssh_keys(caller.user_id, query)


@api.operation(
    "POST",
    "/v1/auth/ssh-keys",
    status=201,
    roles=ANYONE_SIGNED_IN,
    view=SshKeyView,
    errors=(accounts.SshKeyTaken, accounts.TooManySshKeys),
)
def add_ssh_key(caller: Principal, body: SshKeyCreate, request: Request) -> SshKey:
    """Add a public SSH key, to be put into machines you rent."""
    return accounts.add_ssh_key(caller.user_id, body, Origin.of(request))


@api.operation("DELETE", "/v1/auth/ssh-keys/{key_id}", status=204, roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def remove_ssh_key(caller: Principal, key_id: str, request: Request) -> None:
    """Remove a public SSH key. Machines made with it keep it."""
    accounts.remove_ssh_key(caller.user_id, key_id, Origin.of(request))


@api.operation("GET", "/v1/auth/.well-known/jwks.json", public=True, view=Jwks)
def list_signing_keys() -> Reply[dict[str, object]]:
    """The public keys by which access tokens can be verified."""
    return Reply({"keys": identity.key_ring().jwks()}, headers={"Cache-Control": "public, max-age=300"})


def _with_wallet(transaction: Transaction, user_id: str) -> None:
    billing.open_wallet(transaction, user_id, settings().starting_credit_micros, clock.now())


def _signed_in(signed_in: accounts.SignedIn) -> Reply[TokenView]:
    cookies = []
    if signed_in.refresh_token is not None:
        age_s = int(SESSION_LIFETIME.total_seconds())
        cookies.append(_cookie(REFRESH_COOKIE, signed_in.refresh_token, REFRESH_PATH, age_s))
    if signed_in.device_token is not None:
        age_s = int(DEVICE_LIFETIME.total_seconds())
        cookies.append(_cookie(DEVICE_COOKIE, signed_in.device_token, DEVICE_PATH, age_s))
    return Reply(TokenView.model_validate(signed_in), cookies=cookies)


def _cookie(name: str, value: str, path: str, max_age_s: int) -> str:
    secure = "; Secure" if settings().cookie_secure else ""
    return f"{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}"
