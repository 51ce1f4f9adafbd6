"""Request signatures: a token whose claims bind method, path and body."""

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

    `htm` is the request's method, as in DPoP (RFC 9449). `htp` is its path in the API description, from `/v1` on and
    without a query: the address before that (a stage, a prefix, another host) depends on the route that a request
    takes. No operation for hosts has a query.

    `bsh` is the base64url SHA-256 of the raw body, without padding; `exp` ≤ `iat` + 60 s. `seq` grows with every
    request of a host and is never reused (the agent starts it at the Unix time in milliseconds): a heartbeat, a drain,
    a retirement and a self-test each count once.
    """

    sub: str
    aud: Literal["sharemtc-agent"]
    iat: int
    exp: int
    jti: str = Field(min_length=16, max_length=64)
    seq: int = Field(ge=1, lt=2**53)
    htm: str = Field(min_length=3, max_length=7, pattern=r"^[A-Z]+$")
    htp: str = Field(min_length=1, max_length=256, pattern=r"^/v1/")
    bsh: str = Field(min_length=43, max_length=43)


def body_hash(body: bytes) -> str:
    """The `bsh` claim for `body`."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
