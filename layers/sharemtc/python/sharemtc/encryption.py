"""Signs and encrypts cursors and stored secrets, with keys derived from the token secret, one per purpose.

The secret is a ring of lines, as in `sharemtc.access_tokens`: the first encrypts and signs, all decrypt and verify.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from functools import lru_cache

from sharemtc import aws
from sharemtc.settings import SettingsError, require

SECRET_MAX_AGE_S = 300
MAC_BYTES = 16
_NONCE_BYTES = 12


def sign(purpose: str, message: bytes) -> bytes:
    """A message authentication code (HMAC-SHA256, truncated to 128 bits) with the newest key."""
    return _mac(_keys(purpose)[0], message)


def macs(purpose: str, message: bytes) -> list[bytes]:
    """The authentication codes with all keys, the newest first, to find what an older key signed."""
    return [_mac(key, message) for key in _keys(purpose)]


def is_signed(purpose: str, message: bytes, mac: bytes) -> bool:
    return any(hmac.compare_digest(_mac(key, message), mac) for key in _keys(purpose))


def seal(purpose: str, text: str, place: str) -> str:
    """`text` encrypted with AES-256-GCM; `place`, the key of its record, is authenticated with it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # few functions need it

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_keys(purpose)[0]).encrypt(nonce, text.encode(), place.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(purpose: str, sealed: str, place: str) -> str | None:
    """The text that was sealed at `place`; None when no key decrypts it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        return None
    for key in _keys(purpose):
        try:
            return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    return None


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")[:MAC_BYTES]


def _keys(purpose: str) -> tuple[bytes, ...]:
    return _derive(aws.secret(require("token_secret_id"), SECRET_MAX_AGE_S), purpose)


@lru_cache(maxsize=16)
def _derive(secret: str, purpose: str) -> tuple[bytes, ...]:
    lines = secret.split()
    if not lines:
        raise SettingsError("TOKEN_SECRET_ID: the secret is empty")
    info = f"sharemtc {purpose} v1".encode()
    return tuple(hashlib.sha256(hmac.digest(line.encode(), info, "sha512")).digest() for line in lines)
