"""Public SSH keys: read strictly, refused when weak, written again as exactly `type base64`.

What goes into a machine's `authorized_keys` is never what was typed: the key is decoded, checked by the cryptography
library and encoded anew, so neither options nor a second line nor a comment can come with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from sharemtc.problems import FieldError, Invalid

MAX_CHARS = 16_384
MIN_RSA_BITS, MAX_RSA_BITS = 3072, 16_384
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


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that passed: `text` is its one line, without options and comment."""

    type: str
    text: str
    fingerprint: str
    bits: int


def parse(text: str) -> PublicKey:
    """Read one line of OpenSSH's public key format; its comment is dropped. Errors: `Invalid` naming `/public_key`."""
    line = text.strip(" \t\r\n")  # a pasted file ends in a line break
    if "PRIVATE KEY" in line:
        raise _wrong("private_key", "This is a private key. Never give it away: paste the .pub file beside it.")
    if len(line) > MAX_CHARS:
        raise _wrong("too_long", f"A key has at most {MAX_CHARS} characters.")
    if not line.isprintable():
        raise _wrong("control_character", "Give one key on one line, without line breaks or control characters.")
    key_type, _, rest = line.partition(" ")
    if key_type not in TYPES:
        raise _wrong("type", f"Begin with the key's type, without options: one of {', '.join(sorted(TYPES))}.")
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


def _bits(line: str) -> int:
    key = load_ssh_public_key(line.encode())
    if isinstance(key, Ed25519PublicKey):
        return ED25519_BITS
    if isinstance(key, EllipticCurvePublicKey):
        return key.key_size
    if isinstance(key, RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise _wrong("weak", f"An RSA key takes {MIN_RSA_BITS} to {MAX_RSA_BITS} bits; this has {key.key_size}.")
        return key.key_size
    raise UnsupportedAlgorithm(f"{type(key).__name__} is no key for SSH")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError("/public_key", f"ssh_key_{code}", message),))
