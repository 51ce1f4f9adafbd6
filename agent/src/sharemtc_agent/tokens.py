"""The token on a request: a JWT signed with the host's Ed25519 key (RFC 7515, RFC 8037).

Written out here because JWT packages take as much memory as all the agent's sensors.
"""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharemtc.wire import AgentClaims

_HEADER: dict[str, object] = {"alg": "EdDSA", "typ": "JWT"}


def sign(claims: AgentClaims, key: Ed25519PrivateKey) -> str:
    signed = f"{_part(_HEADER)}.{_part(claims.model_dump())}"
    return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _part(content: dict[str, object]) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
