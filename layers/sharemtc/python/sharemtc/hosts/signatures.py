"""Authentication of hosts: requests signed with the host's key, bound to method, path and body, and fresh.

The scheme is defined in `sharemtc.wire`. Without a valid signature every request gets the same error; with one, the
error says what else is wrong, so that the agent can fix it.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from sharemtc import access_tokens, clock
from sharemtc.hosts.table import Host, host_key
from sharemtc.principals import Principal, Role
from sharemtc.problems import BadRequest, Unauthenticated
from sharemtc.requests import Request
from sharemtc.wire import AGENT_AUDIENCE, ENROLL_SUBJECT, MAX_TOKEN_AGE_S, AgentClaims, body_hash

CLOCK_SKEW_S = 30
# the gateway forwards text, with this in place of every byte that is not UTF-8
REPLACEMENT = "\ufffd".encode()
# a cached key takes about 200 bytes, a parsed one more; every host may reach every process
MAX_CACHED_HOSTS, MAX_CACHED_KEYS = 65_536, 8_192


class WrongSignature(Unauthenticated):
    """The request is not signed with a known host's key."""

    code, title = "invalid_signature", "The request's signature is not valid"


class BodyMismatch(WrongSignature):
    """Signed by the host for another body."""

    code, title = "body_mismatch", "The request's body is not the one that was signed"


class RequestMismatch(WrongSignature):
    """Signed by the host for another method or path."""

    code, title = "request_mismatch", "The request is not the one that was signed"


class TokenExpired(WrongSignature):
    """Signed by the host too long ago, or valid for too long; `server_time` is the platform's."""

    code, title = "token_expired", "The request's token is no longer valid"


class ClockSkew(WrongSignature):
    """Signed by the host at a future time; `server_time` is the platform's."""

    code, title = "clock_skew", "The host's clock is too far ahead"


_hosts: OrderedDict[str, str] = OrderedDict()


def authenticate(request: Request) -> Principal:
    """The host that signed the request. Errors: `WrongSignature` and its subclasses."""
    token = _bearer(request)
    claims = _unverified(token)
    _verify(token, claims, _public_key(claims.sub), request)
    return Principal(Role.AGENT, host_id=claims.sub)


def authenticate_anyone(request: Request) -> Principal:
    """A person, or a host when the token's audience is the agent API; the operation's roles then decide.

    Errors: those of `access_tokens.authenticate`, or `WrongSignature`.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _audience(token) == AGENT_AUDIENCE:
        return authenticate(request)
    return access_tokens.authenticate(request)


def _audience(token: str) -> object:
    """The audience of an unverified token, which only selects how the token is verified."""
    payload = token.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload[0] + "==")) if payload and len(token) <= 2048 else None
    except (ValueError, RecursionError):
        return None
    return claims.get("aud") if isinstance(claims, dict) else None


def claims_of(request: Request) -> AgentClaims:
    """The claims of an authenticated request."""
    return _unverified(_bearer(request))


def check_enrollment(request: Request, public_key: str) -> None:
    """Check that the enrolling host holds the key that it enrolls. Errors: `WrongSignature`."""
    token = _bearer(request)
    claims = _unverified(token)
    if claims.sub != ENROLL_SUBJECT:
        raise WrongSignature
    _verify(token, claims, public_key, request)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 2048:
        raise WrongSignature
    return token


def _unverified(token: str) -> AgentClaims:
    """The unverified claims: they only select the key to verify with."""
    parts = token.split(".")
    if len(parts) != 3:
        raise WrongSignature
    try:
        return AgentClaims.model_validate_json(_base64url(parts[1]))
    except (ValidationError, ValueError) as error:
        raise WrongSignature from error


def _verify(token: str, claims: AgentClaims, public_key: str, request: Request) -> None:
    """Check the signature (RFC 8037: EdDSA over the text before the last dot), then the claims.

    By hand, because every heartbeat passes here and a general decoder takes three times as long: the algorithm is
    fixed, and the claims' model requires each claim and allows no other.
    """
    signed, _, signature = token.rpartition(".")
    try:
        if _algorithm(signed.partition(".")[0]) != "EdDSA":
            raise WrongSignature
        _key(public_key).verify(_base64url(signature), signed.encode("ascii"))
    except (InvalidSignature, ValueError) as error:
        raise WrongSignature from error
    now = clock.now()
    now_s = clock.to_ms(now) // 1000
    if now_s < claims.iat - CLOCK_SKEW_S:
        raise ClockSkew(f"The token is from {claims.iat - now_s} s in the future.", server_time=now.isoformat())
    if now_s >= claims.exp + CLOCK_SKEW_S:
        raise TokenExpired(
            f"The token was signed {now_s - claims.iat} s ago, or the host's clock is behind.",
            server_time=now.isoformat(),
        )
    if claims.exp - claims.iat > MAX_TOKEN_AGE_S:
        raise TokenExpired(f"A token is valid for at most {MAX_TOKEN_AGE_S} s.", server_time=now.isoformat())
    if (claims.htm, claims.htp) != (request.method, request.path):
        raise RequestMismatch(f"The request was signed for {claims.htm} {claims.htp}.")
    if claims.bsh != body_hash(request.body):
        if REPLACEMENT in request.body:
            raise BadRequest("The body is not UTF-8, or was changed in transit.")
        raise BodyMismatch


def _public_key(host_id: str) -> str:
    known = _hosts.get(host_id)
    if known is None:
        # a key never changes, so a read that lags behind shows it or nothing
        host = Host.find(host_key(host_id), "HOST", consistent=False) or Host.find(host_key(host_id), "HOST")
        if host is None:
            raise WrongSignature
        known = _hosts[host_id] = host.public_key
        while len(_hosts) > MAX_CACHED_HOSTS:
            _hosts.popitem(last=False)
    return known


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@lru_cache(maxsize=64)
def _algorithm(header: str) -> object:
    """The algorithm in the token's header; hosts send few different headers. Errors: `ValueError`."""
    fields = json.loads(_base64url(header))
    # RFC 7515, 4.1.11: reject extensions that must be understood
    return fields.get("alg") if isinstance(fields, dict) and "crit" not in fields else None


@lru_cache(maxsize=MAX_CACHED_KEYS)
def _key(public_key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_base64url(public_key))
