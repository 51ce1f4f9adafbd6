"""Sign-in with Google: off unless configured. An existing account is linked only if its address was confirmed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sharemtc import access_tokens, aws, clock
from sharemtc.access_tokens import WrongToken
from sharemtc.accounts import oidc, sessions, trusted_browsers
from sharemtc.accounts.oidc import Client, IdentityClaims, Provider
from sharemtc.accounts.schemas import display_name, normalise_email
from sharemtc.accounts.service import AlsoWithUser, SignedIn, create_user, find_by_email, sign_in, signed_in
from sharemtc.accounts.table import GoogleLink, User, user_key
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.principals import OPERATORS, Role
from sharemtc.problems import Conflict, Forbidden, NotFound, Unauthenticated
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict

CALLBACK_PATH = "/v1/auth/google/callback"
STATE_TYPE, STATE_AUDIENCE = "google-state+jwt", "sharemtc-google"
STATE_LIFETIME = timedelta(minutes=10)


class GoogleNotConfigured(NotFound):
    code, title = "google_not_configured", "Sign-in with Google is not set up"


class GoogleStateLost(Unauthenticated):
    """The callback does not belong to a sign-in that this browser started in the last ten minutes."""

    code, title = "google_state_lost", "Start signing in with Google again"


class GoogleEmailUnverified(Forbidden):
    code, title = "google_email_unverified", "Google has not verified this e-mail address"


class GoogleEmailTaken(Conflict):
    """An account has the address, and never confirmed it, or is linked to another Google account, or an operator's."""

    code = "google_email_taken"
    title = "An account with this address exists. Reset its password by e-mail once to sign in with Google"


class _LinkMoved(WriteConflict):
    code, title = "google_link_moved", "Another sign-in with this Google account was first"


@dataclass(frozen=True, slots=True)
class Started:
    """The redirect, and the token for the state cookie."""

    url: str
    state_token: str


def is_configured() -> bool:
    return bool(settings().google_client_id and settings().google_secret_id)


def start() -> Started:
    """Errors: `GoogleNotConfigured`, `ProviderDown`."""
    client = _client()
    state, nonce, verifier = clock.new_secret(), clock.new_secret(), clock.new_secret(48)
    url = oidc.authorization_url(_provider(client.issuer), client, state=state, nonce=nonce, verifier=verifier)
    expires_s = clock.to_ms(clock.now() + STATE_LIFETIME) // 1000
    claims = {"aud": STATE_AUDIENCE, "state": state, "nonce": nonce, "verifier": verifier, "exp": expires_s}
    return Started(url, access_tokens.sign(claims, STATE_TYPE))


def finish(
    code: str | None, state: str | None, state_token: str | None, also: AlsoWithUser, origin: Origin
) -> SignedIn:
    """Sign in the user whom Google identified; a new address gets a new account.

    Errors: `GoogleNotConfigured`, `GoogleStateLost`, `ProviderRefused`, `ProviderDown`, `GoogleEmailUnverified`,
    `GoogleEmailTaken`.
    """
    client = _client()
    try:
        kept = access_tokens.verify(state_token or "", STATE_TYPE, STATE_AUDIENCE, ("state", "nonce", "verifier"))
    except WrongToken as error:
        raise GoogleStateLost from error
    if not hmac.compare_digest(str(kept["state"]).encode(), (state or "").encode()):
        raise GoogleStateLost
    if not code:
        raise oidc.ProviderRefused
    nonce, verifier = str(kept["nonce"]), str(kept["verifier"])
    claimed = oidc.redeem(_provider(client.issuer), client, code=code, nonce=nonce, verifier=verifier)
    return retry_on_conflict(lambda: _sign_in(claimed, also, origin))


def _sign_in(claimed: IdentityClaims, also: AlsoWithUser, origin: Origin) -> SignedIn:
    link = GoogleLink.find(f"GOOGLE#{claimed.subject}", "GOOGLE")
    if link is not None:
        user = User.find(user_key(link.user_id), "USER")
        if user is None:
            raise oidc.ProviderRefused
        return sign_in(user, AuditEvent.SIGNED_IN, origin, method="google")
    if not claimed.email_verified:
        raise GoogleEmailUnverified
    try:
        email = normalise_email(claimed.email)
    except ValueError as error:
        raise GoogleEmailUnverified from error
    user = find_by_email(email)
    return _register(claimed, email, also, origin) if user is None else _link(user, claimed, origin)


def _register(claimed: IdentityClaims, email: str, also: AlsoWithUser, origin: Origin) -> SignedIn:
    def write(transaction: Transaction) -> tuple[User, sessions.Refreshed]:
        user = create_user(transaction, email, None, display_name(claimed.name, email), Role.USER)
        user.email_proven_at, user.google_subject = clock.now(), claimed.subject
        _create_link(transaction, user.id, claimed.subject)
        also(transaction, user)
        opened = sessions.open_session(transaction, user, origin)
        audit.append(transaction, user.id, AuditEvent.REGISTERED, origin, method="google")
        return user, opened

    user, opened = audit.commit(write)
    return signed_in(user, opened, trusted_browsers.issue(user.email))


def _link(user: User, claimed: IdentityClaims, origin: Origin) -> SignedIn:
    # an attacker may have registered this address, unconfirmed, to wait for its owner to sign in with Google
    if user.email_proven_at is None or user.google_subject is not None or user.role in OPERATORS:
        raise GoogleEmailTaken

    def write(transaction: Transaction) -> sessions.Refreshed:
        _create_link(transaction, user.id, claimed.subject)
        unlinked = User.google_subject.does_not_exist() & User.pk.exists()
        transaction.update(user, [User.google_subject.set(claimed.subject)], unlinked, refused=_LinkMoved())
        opened = sessions.open_session(transaction, user, origin)
        audit.append(transaction, user.id, AuditEvent.GOOGLE_LINKED, origin, session_id=opened.session.id)
        return opened

    return signed_in(user, audit.commit(write), trusted_browsers.issue(user.email))


def _create_link(transaction: Transaction, user_id: str, subject: str) -> None:
    transaction.create(GoogleLink(f"GOOGLE#{subject}", "GOOGLE", user_id=user_id), refused=_LinkMoved())


def _client() -> Client:
    if not is_configured():
        raise GoogleNotConfigured
    given = settings()
    secret = aws.secret(given.google_secret_id, access_tokens.SECRET_MAX_AGE_S)
    return Client(given.google_issuer, given.google_client_id, secret, f"{given.public_url}{CALLBACK_PATH}")


@cache
def _provider(issuer: str) -> Provider:
    return Provider(issuer)
