"""How a request is signed: the claims of its token and the hash that binds its body."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from pydantic import Field

from sharemtc.wire.messages import Wire

AGENT_AUDIENCE = "sharemtc-agent"
ENROLL_SUBJECT = "enroll"
MAX_TOKEN_AGE_S = 60


class AgentClaims(Wire):
    """Claims of the JWT on an agent's request.

    `seq` grows with every request of a host and is never reused (the agent starts it at the Unix time in
    milliseconds); `bsh` is the base64url SHA-256 of the raw body, without padding; `exp` ≤ `iat` + 60 s.
    """

    sub: str
    aud: Literal["sharemtc-agent"]
    iat: int
    exp: int
    jti: str = Field(min_length=16, max_length=64)
    seq: int = Field(ge=1, lt=2**53)
    bsh: str = Field(min_length=43, max_length=43)


def body_hash(body: bytes) -> str:
    """The `bsh` claim for `body`."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
