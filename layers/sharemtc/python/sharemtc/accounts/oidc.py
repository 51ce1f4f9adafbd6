"""OpenID Connect sign-in: discovery, the code exchange, and verification of the id token.

Sources: OpenID Connect Core 1.0 (3.1.3), RFC 7636 (PKCE), RFC 9700 (OAuth 2.0 security).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt

from sharemtc import clock
from sharemtc.problems import Unauthenticated, Unavailable

ALGORITHMS = ("RS256",)
TIMEOUT_S = 5
MAX_ANSWER_BYTES = 256 * 1024
KEYS_KEPT_FOR_S = 600
KEYS_ASKED_EVERY_S = 30
LEEWAY = timedelta(seconds=60)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderRefused(Unauthenticated):
    """The code was rejected, or the id token is not valid."""

    code, title = "google_refused", "Google did not confirm your identity"


class ProviderDown(Unavailable):
    """The provider cannot be reached, or its response is not valid."""

    code, title = "google_unavailable", "Google is unavailable"


@dataclass(frozen=True, slots=True)
class Client:
    """The platform's registration with the provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """The claims of a verified id token."""

    subject: str
    email: str
    email_verified: bool
    name: str


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Provider:
    """One issuer, with its cached configuration and keys."""

    issuer: str
    _configuration: dict[str, Any] = field(default_factory=dict)
    _keys: jwt.PyJWKClient | None = None

    def endpoint(self, name: str) -> str:
        """A URL from the provider's configuration. Errors: `ProviderDown`."""
        if not self._configuration:
            found = _fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", self.issuer)
            if found.get("issuer") != self.issuer:
                raise ProviderDown
            self._configuration = found
        url = self._configuration.get(name)
        if not isinstance(url, str):
            raise ProviderDown
        return _checked_url(url, self.issuer)

    def key(self, kid: str) -> jwt.PyJWK:
        """A signing key of the provider; unknown ones are fetched. Errors: `ProviderRefused`, `ProviderDown`."""
        if self._keys is None:
            url = self.endpoint("jwks_uri")
            self._keys = jwt.PyJWKClient(
                url, lifespan=KEYS_KEPT_FOR_S, cooldown_duration=KEYS_ASKED_EVERY_S, timeout=TIMEOUT_S
            )
        try:
            return self._keys.get_signing_key(kid)
        except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, OSError, ValueError) as error:
            raise ProviderDown from error
        except jwt.PyJWKClientError as error:
            raise ProviderRefused from error


def authorization_url(provider: Provider, client: Client, *, state: str, nonce: str, verifier: str) -> str:
    """Errors: `ProviderDown`."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    return f"{provider.endpoint('authorization_endpoint')}?{urlencode(parameters)}"


def redeem(provider: Provider, client: Client, *, code: str, nonce: str, verifier: str) -> IdentityClaims:
    """Exchange the authorization code for the user's claims. Errors: `ProviderRefused`, `ProviderDown`."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code_verifier": verifier,
    }
    given = _fetch(provider.endpoint("token_endpoint"), provider.issuer, form)
    token = given.get("id_token")
    if not isinstance(token, str):
        raise ProviderRefused
    return verify(provider, client, token, nonce)


def verify(provider: Provider, client: Client, token: str, nonce: str) -> IdentityClaims:
    """Verify an id token: signature, algorithm, issuer, audience, nonce, times. Errors: `ProviderRefused`."""
    try:
        header = jwt.get_unverified_header(token)
        if header["alg"] not in ALGORITHMS:
            raise ProviderRefused
        key = provider.key(str(header["kid"]))
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=list(ALGORITHMS),
            audience=client.client_id,
            issuer=provider.issuer,
            # times are checked below, with `sharemtc.clock`
            options={
                "require": ["iss", "aud", "exp", "iat", "sub", "nonce"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return _read(claims, client, nonce)
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        raise ProviderRefused from error


def _read(claims: Mapping[str, Any], client: Client, nonce: str) -> IdentityClaims:
    now_s = clock.to_ms(clock.now()) // 1000
    leeway_s = LEEWAY.seconds
    valid = (
        type(claims["exp"]) is int
        and type(claims["iat"]) is int
        and now_s < claims["exp"] + leeway_s
        and claims["iat"] <= now_s + leeway_s
        and isinstance(claims["nonce"], str)
        and hmac.compare_digest(claims["nonce"].encode(), nonce.encode())
        and claims.get("azp", client.client_id) == client.client_id
        and isinstance(claims["sub"], str)
        and 0 < len(claims["sub"]) <= 255
    )
    if not valid:
        raise ProviderRefused
    email, name = claims.get("email"), claims.get("name")
    return IdentityClaims(
        subject=claims["sub"],
        email=email if isinstance(email, str) else "",
        email_verified=claims.get("email_verified") in (True, "true"),
        name=name if isinstance(name, str) else "",
    )


def _fetch(url: str, issuer: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    body = urlencode(form).encode() if form is not None else None
    request = Request(_checked_url(url, issuer), data=body, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S) as answer:
            raw = answer.read(MAX_ANSWER_BYTES + 1)
        if len(raw) > MAX_ANSWER_BYTES:
            raise ProviderDown
        value = json.loads(raw)
    except HTTPError as error:
        error.close()
        raise (ProviderRefused if form is not None and error.code in (400, 401) else ProviderDown) from error
    except (URLError, OSError, ValueError) as error:
        raise ProviderDown from error
    if not isinstance(value, dict):
        raise ProviderDown
    return value


def _checked_url(url: str, issuer: str) -> str:
    # HTTPS only, except to an issuer that is configured at a loopback address: no request reaches other local services
    to, own = urlsplit(url), urlsplit(issuer)
    local = own.scheme == "http" and own.hostname in LOOPBACK
    if to.username or to.password or not (to.netloc == own.netloc if local else to.scheme == "https"):
        raise ProviderDown
    if to.scheme != own.scheme:
        raise ProviderDown
    return url
