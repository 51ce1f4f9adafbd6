"""Public SSH keys: parsed strictly, rejected when weak, normalised to `type base64`.

A machine's `authorized_keys` never gets the input itself: the key is decoded, checked by the cryptography library and
encoded again, so options, further lines and comments cannot get into it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from sharemtc.problems import FieldError, Invalid
from sharemtc.wire import holds_private_key

MAX_CHARS = 16_384
# the limit of dropbear, the SSH server of guests; OpenSSH's is 16,384
MIN_RSA_BITS, MAX_RSA_BITS = 3072, 8192
ED25519_BITS = 256
TYPES = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)

_BLANKS = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# control characters, including line breaks, and the Unicode line and paragraph separators
_LINE_ENDING = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A valid key: `text` is one line without options and comment."""

    type: str
    text: str
    fingerprint: str
    bits: int


def parse(text: str) -> PublicKey:
    """Parse one line of OpenSSH's public key format; a comment is removed. Errors: `Invalid` naming `/public_key`."""
    if holds_private_key(text):
        raise _wrong("private_key", "This is a private key. Never share it: paste the .pub file beside it.")
    line = _normalised(text)
    if len(line) > MAX_CHARS:
        raise _wrong("too_long", f"A key has at most {MAX_CHARS} characters.")
    if any(unicodedata.category(character) in _LINE_ENDING for character in line):
        raise _wrong("control_character", "Give one key on one line, without line breaks or control characters.")
    key_type, _, rest = line.partition(" ")
    if key_type not in TYPES:
        raise _wrong("type", f"Start with the key type, without options: one of {', '.join(sorted(TYPES))}.")
    try:
        given = rest.split(" ")[0]
        blob = base64.b64decode(given, validate=True)
        if base64.b64encode(blob).decode() != given:
            raise ValueError("not the canonical encoding")
        normal = f"{key_type} {given}"
        bits = _bits(normal)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise _wrong("unreadable", "This is not a public SSH key.") from error
    digest = base64.b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode()
    return PublicKey(key_type, normal, f"SHA256:{digest}", bits)


def _normalised(text: str) -> str:
    """`text` without invisible characters and with single spaces, for keys that were copied from files or web pages."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf").strip()
    return " ".join(part for part in _BLANKS.split(visible) if part)


def _bits(line: str) -> int:
    key = load_ssh_public_key(line.encode())
    if isinstance(key, Ed25519PublicKey):
        return ED25519_BITS
    if isinstance(key, EllipticCurvePublicKey):
        return key.key_size
    if isinstance(key, RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            code = "weak" if key.key_size < MIN_RSA_BITS else "too_large"
            raise _wrong(
                code,
                f"RSA keys must have {MIN_RSA_BITS} to {MAX_RSA_BITS} bits; this one has {key.key_size}. "
                "Use a key of that size, or an Ed25519 key.",
            )
        return key.key_size
    raise UnsupportedAlgorithm(f"{type(key).__name__} is not an SSH key type")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError("/public_key", f"ssh_key_{code}", message),))
