"""Authentication of people, and access tokens (JWT, EdDSA, 15 minutes) with their key ring.

The ring is derived from one secret: a random string per line. The first line signs, all verify. To rotate without
signing anyone out: add the new line last, later move it first, and drop the old one when its tokens have expired.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sharemtc import aws, clock
from sharemtc.ids import IdKind, new_id
from sharemtc.principals import ANYONE_SIGNED_IN, Principal, Role
from sharemtc.problems import Forbidden, Unauthenticated
from sharemtc.settings import SettingsError, require, settings

if TYPE_CHECKING:
    from sharemtc.requests import Request

AUDIENCE = "sharemtc"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type, RFC 9068
LIFETIME = timedelta(minutes=15)
MAX_TOKEN_CHARS = 2048
MIN_SECRET_CHARS = 32
SECRET_MAX_AGE_S = 300
REMEMBERED_TOKENS = 1024
REMEMBERED_FOR = timedelta(minutes=1)


class ScopeMissing(Forbidden):
    code, title = "scope_missing", "API key lacks the scope"


class WrongToken(Unauthenticated):
    """The access token is malformed, forged, expired or for another audience; the response does not say which."""

    code, title = "invalid_token", "Sign in again"


@dataclass(frozen=True)
class SigningKey:
    """One Ed25519 key of the ring; `kid` is its RFC 7638 thumbprint."""

    private: Ed25519PrivateKey
    public: Ed25519PublicKey = field(init=False)
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", self.private.public_key())
        thumbprint = hashlib.sha256(json.dumps(self.jwk(), separators=(",", ":"), sort_keys=True).encode()).digest()
        object.__setattr__(self, "kid", _base64url(thumbprint))

    @classmethod
    def derive(cls, secret: str) -> SigningKey:
        """The key whose seed is HKDF-SHA256 of a random string."""
        if len(secret) < MIN_SECRET_CHARS:
            raise SettingsError(f"TOKEN_SECRET_ID: every line must hold at least {MIN_SECRET_CHARS} characters")
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sharemtc access token Ed25519 seed v1")
        return cls(Ed25519PrivateKey.from_private_bytes(derivation.derive(secret.encode())))

    def jwk(self) -> dict[str, str]:
        """The public key's members that the thumbprint covers."""
        raw = self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}


class KeyRing:
    """The keys that verify access tokens; the first signs them."""

    def __init__(self, keys: tuple[SigningKey, ...]) -> None:
        if not keys:
            raise SettingsError("TOKEN_SECRET_ID: the secret is empty")
        self.signing = keys[0]
        self.by_kid: Mapping[str, SigningKey] = {key.kid: key for key in keys}

    @classmethod
    def of(cls, secret: str) -> KeyRing:
        return cls(tuple(SigningKey.derive(line) for line in secret.split()))

    def jwks(self) -> list[dict[str, str]]:
        return [{**key.jwk(), "kid": key.kid, "alg": "EdDSA", "use": "sig"} for key in self.by_kid.values()]


@lru_cache(maxsize=4)
def _ring_of(secret: str) -> KeyRing:
    return KeyRing.of(secret)


def key_ring() -> KeyRing:
    """The current ring; its secret is read again every five minutes."""
    return _ring_of(aws.secret(require("token_secret_id"), SECRET_MAX_AGE_S))


def sign(claims: Mapping[str, Any], token_type: str) -> str:
    """A JWT with `iss`. The type in its header keeps one kind of token from being accepted as another."""
    key = key_ring().signing
    headers = {"kid": key.kid, "typ": token_type}
    return jwt.encode({"iss": settings().public_url, **claims}, key.private, algorithm="EdDSA", headers=headers)


def verify(token: str, token_type: str, audience: str, required: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a JWT that the ring signed, of that type and audience, not expired. Errors: `WrongToken`."""
    if len(token) > MAX_TOKEN_CHARS:
        raise WrongToken
    try:
        header = jwt.get_unverified_header(token)
        key = key_ring().by_kid.get(header["kid"])
        if key is None or set(header) != {"alg", "typ", "kid"} or header["typ"] != token_type:
            raise WrongToken
        # `exp` is checked below, with `sharemtc.clock`
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public,
            algorithms=["EdDSA"],
            audience=audience,
            issuer=settings().public_url,
            options={
                "require": ["iss", "aud", "exp", *required],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        if type(claims["exp"]) is not int or clock.to_ms(clock.now()) >= claims["exp"] * 1000:
            raise WrongToken
        return claims
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        raise WrongToken from error


def issue_access_token(user_id: str, role: Role, session_id: str) -> str:
    issued_s = clock.to_ms(clock.now()) // 1000
    claims = {
        "aud": AUDIENCE,
        "sub": user_id,
        "role": role.value,
        "sid": session_id,
        "jti": new_id(IdKind.ACCESS_TOKEN),
        "iat": issued_s,
        "exp": issued_s + int(LIFETIME.total_seconds()),
    }
    return sign(claims, TOKEN_TYPE)


def authenticate(request: Request) -> Principal:
    """The person behind the request's bearer token: an access token or an API key.

    Errors: `Unauthenticated`, `WrongToken`, `ScopeMissing`.
    """
    authorization = request.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an access token: Authorization: Bearer …")
    if token.startswith("smtc_"):
        return _by_api_key(request, token)
    return _verified.verify(token)


def authenticate_session(request: Request) -> Principal:
    """The person behind the request's access token; an API key has no session. Errors: `WrongToken`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WrongToken
    return verify_access_token(token)[0]


def _by_api_key(request: Request, text: str) -> Principal:
    # imports the tables, which the first request of most functions does not need
    from sharemtc import api_keys
    from sharemtc.audit.origins import Origin

    bearer = api_keys.verify(text, Origin.of(request))
    if bearer is None or bearer.role not in ANYONE_SIGNED_IN:
        raise WrongToken
    group = request.path.split("/")[2]
    scope = f"{group}:{'read' if request.method in ('GET', 'HEAD') else 'write'}"
    if scope not in bearer.scopes:
        raise ScopeMissing(f"Use an API key with the scope {scope}.")
    return Principal(Role(bearer.role), bearer.user_id, api_key_id=bearer.key_id, scopes=bearer.scopes)


def verify_access_token(token: str) -> tuple[Principal, datetime]:
    """The person of an access token and its expiry. Errors: `WrongToken`."""
    claims = verify(token, TOKEN_TYPE, AUDIENCE, ("sub", "role", "sid", "jti", "iat"))
    texts = [claims[name] for name in ("role", "sub", "sid", "jti")]
    if not all(isinstance(text, str) and text for text in texts) or texts[0] not in ANYONE_SIGNED_IN:
        raise WrongToken
    role, user_id, session_id, token_id = texts
    principal = Principal(Role(role), user_id, session_id=session_id, token_id=token_id)
    return principal, clock.from_ms(claims["exp"] * 1000)


class _VerifiedTokens:
    """Tokens verified in the last minute, so that a polling page costs one signature check a minute."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Principal, datetime]] = OrderedDict()

    def verify(self, token: str) -> Principal:
        now = clock.now()
        known = self._known.get(token)
        if known is not None and now < known[1]:
            return known[0]
        principal, expires_at = verify_access_token(token)
        self._known[token] = principal, min(expires_at, now + REMEMBERED_FOR)
        self._known.move_to_end(token)
        while len(self._known) > REMEMBERED_TOKENS:
            self._known.popitem(last=False)
        return principal

    def forget(self) -> None:
        self._known.clear()


_verified = _VerifiedTokens()


def forget_tokens() -> None:
    """Drop cached tokens and keys, so that a changed secret is used at once. For tests."""
    _verified.forget()
    _ring_of.cache_clear()
    aws.forget()


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
