"""An OpenID provider on loopback with real RSA keys: it checks the client and PKCE, and signs what a test tells it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from sharemtc import clock

CLIENT_ID, CLIENT_SECRET = "client-1.apps.example", "client secret"


@cache
def rsa_key(name: str) -> RSAPrivateKey:
    """A key, made once a run."""
    assert name
    return generate_private_key(65537, 2048)


def jwk(kid: str, name: str) -> dict[str, Any]:
    """The public half, as the provider publishes it."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(name).public_key(), as_dict=True)
    return {**public, "kid": kid, "alg": "RS256", "use": "sig"}


class OpenIdProvider:
    """`person` is who signs in, `claims` and `header` change what is signed, `about` what it says of itself."""

    def __init__(self) -> None:
        self.person = {"sub": "1001", "email": "ada@example.org", "email_verified": True, "name": "Ada"}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.signer, self.algorithm = "first", "RS256"
        self.keys = [jwk("k1", "first")]
        self.key_requests = 0
        self.id_token: str | None = None
        self._codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def authorize(self, url: str) -> str:
        """The person agrees; the query that the browser comes back with."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"code={code}&state={asked['state']}&scope=openid+email&authuser=0&prompt=none"

    def documents(self) -> dict[str, Any]:
        """What it serves under GET."""
        about = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return {"/.well-known/openid-configuration": {**about, **self.about}, "/keys": {"keys": self.keys}}

    def redeem(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The answer to a code, once, for the client that asked and the verifier of its challenge."""
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token or self.sign(asked["nonce"])}

    def sign(self, nonce: str) -> str:
        """An id token."""
        now_s = clock.to_ms(clock.now()) // 1000
        own = {"iss": self.issuer, "aud": CLIENT_ID, "azp": CLIENT_ID, "iat": now_s, "exp": now_s + 3600}
        claims = {**own, "nonce": nonce, **self.person, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        key: Any = rsa_key(self.signer) if self.algorithm.startswith("RS") else None
        if self.algorithm.startswith("HS"):
            # the attack that takes the public key for a shared secret
            key = hashlib.sha256(json.dumps(self.keys).encode()).digest()
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "k1", **self.header})


@contextmanager
def serving() -> Iterator[OpenIdProvider]:
    """A provider that listens."""
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.key_requests += self.path == "/keys"
            self._answer(200 if self.path in provider.documents() else 404, provider.documents().get(self.path))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            given = provider.redeem(form) if self.path == "/token" else None
            self._answer(200 if given else 400, given or {"error": "invalid_grant"})

        def _answer(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
