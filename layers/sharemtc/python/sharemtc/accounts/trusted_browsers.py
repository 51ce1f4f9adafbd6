"""Device tokens: a cookie that proves an earlier sign-in to an account from this browser.

It does not sign in. It only gives the browser its own password attempts (see `login_throttle`).
"""

from __future__ import annotations

from datetime import timedelta

from sharemtc import access_tokens, clock
from sharemtc.access_tokens import WrongToken
from sharemtc.ids import IdKind, new_id

AUDIENCE = "sharemtc-device"
TOKEN_TYPE = "device+jwt"  # noqa: S105 - a media type
LIFETIME = timedelta(days=365)


def issue(email: str) -> str:
    expires_s = clock.to_ms(clock.now() + LIFETIME) // 1000
    claims = {"aud": AUDIENCE, "sub": email, "jti": new_id(IdKind.TRUSTED_BROWSER), "exp": expires_s}
    return access_tokens.sign(claims, TOKEN_TYPE)


def known(token: str | None, email: str) -> str | None:
    """The device's id, if the token is valid for this account."""
    if not token:
        return None
    try:
        claims = access_tokens.verify(token, TOKEN_TYPE, AUDIENCE, ("sub", "jti"))
    except WrongToken:
        return None
    return str(claims["jti"]) if claims["sub"] == email else None
