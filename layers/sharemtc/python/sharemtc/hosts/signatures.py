"""Who a host is: requests signed with its own key, bound to their method, path and body, fresh, and for us.

Source of the scheme: `sharemtc.wire`. Whoever does not hold the key learns nothing: without a signature by a known
host's key every request is refused alike. Whoever holds it is told what else is wrong, to be able to mend it.
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
# a gateway hands text on, with this in place of every byte that is not UTF-8
REPLACEMENT = "\ufffd".encode()
# a key takes some 200 bytes to remember, parsed ones more; every host may come to every process
REMEMBERED_HOSTS, REMEMBERED_KEYS = 65_536, 8_192


class WrongSignature(Unauthenticated):
    """The request is not signed by a known host, for what it asks, now."""

    code, title = "invalid_signature", "The request's signature is not valid"


class BodyMismatch(WrongSignature):
    """Signed by the host, for another body."""

    code, title = "body_mismatch", "The request's body is not the one that was signed"


class RequestMismatch(WrongSignature):
    """Signed by the host, for another method or path."""

    code, title = "request_mismatch", "The request is not the one that was signed"


class TokenExpired(WrongSignature):
    """Signed by the host, too long ago by its own clock and ours, or for too long; `server_time` is ours."""

    code, title = "token_expired", "The request's token is no longer valid"


class ClockSkew(WrongSignature):
    """Signed by the host at a time that has not come yet here; `server_time` is ours."""

    code, title = "clock_skew", "The host's clock is too far ahead"


_hosts: OrderedDict[str, str] = OrderedDict()


def authenticate(request: Request) -> Principal:
    """The host behind a signed request. Errors: `WrongSignature` and, to who holds the key, its kinds."""
    token = _bearer(request)
    claims = _unverified(token)
    _verify(token, claims, _public_key(claims.sub), request)
    return Principal(Role.AGENT, host_id=claims.sub)


def authenticate_anyone(request: Request) -> Principal:
    """A person, or a host where a token says that it is for agents' requests; the operation's roles then decide.

    Errors: those of `identity.authenticate`, or `WrongSignature`.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and _audience(token) == AGENT_AUDIENCE:
        return authenticate(request)
    return access_tokens.authenticate(request)


def _audience(token: str) -> object:
    """What an unverified token says that it is for; it decides only how the token is verified."""
    payload = token.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload[0] + "==")) if payload and len(token) <= 2048 else None
    except (ValueError, RecursionError):
        return None
    return claims.get("aud") if isinstance(claims, dict) else None


def claims_of(request: Request) -> AgentClaims:
    """What the token of a request says that was authenticated."""
    return _unverified(_bearer(request))


def check_enrollment(request: Request, public_key: str) -> None:
    """Check that whoever enrolls holds the key that it enrolls. Errors: `WrongSignature`."""
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
    """What the token says of itself: no more than whose key must have signed it."""
    parts = token.split(".")
    if len(parts) != 3:
        raise WrongSignature
    try:
        return AgentClaims.model_validate_json(_base64url(parts[1]))
    except (ValidationError, ValueError) as error:
        raise WrongSignature from error


def _verify(token: str, claims: AgentClaims, public_key: str, request: Request) -> None:
    """Check the signature (RFC 8037: EdDSA over the text before the last dot), then what only its maker may be told.

    By hand, because every heartbeat passes here and a general decoder takes three times as long: the algorithm is
    fixed, and the claims' model demands each claim and knows no other.
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
            f"It was signed {now_s - claims.iat} s ago, or the host's clock is behind.", server_time=now.isoformat()
        )
    if claims.exp - claims.iat > MAX_TOKEN_AGE_S:
        raise TokenExpired(f"A token is valid for at most {MAX_TOKEN_AGE_S} s.", server_time=now.isoformat())
    if (claims.htm, claims.htp) != (request.method, request.path):
        raise RequestMismatch(f"It was signed for {claims.htm} {claims.htp}.")
    if claims.bsh != body_hash(request.body):
        if REPLACEMENT in request.body:
            raise BadRequest("The body is not UTF-8, or something on the way has changed it.")
        raise BodyMismatch


def _public_key(host_id: str) -> str:
    known = _hosts.get(host_id)
    if known is None:
        # a key never changes, so a read that lags behind shows it or nothing
        host = Host.find(host_key(host_id), "HOST", consistent=False) or Host.find(host_key(host_id), "HOST")
        if host is None:
            raise WrongSignature
        known = _hosts[host_id] = host.public_key
        while len(_hosts) > REMEMBERED_HOSTS:
            _hosts.popitem(last=False)
    return known


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@lru_cache(maxsize=64)
def _algorithm(header: str) -> object:
    """What the token's first part names; a fleet sends few different ones. Errors: `ValueError`."""
    held = json.loads(_base64url(header))
    # RFC 7515, 4.1.11: what must be understood and is not
    return held.get("alg") if isinstance(held, dict) and "crit" not in held else None


@lru_cache(maxsize=REMEMBERED_KEYS)
def _key(public_key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_base64url(public_key))
