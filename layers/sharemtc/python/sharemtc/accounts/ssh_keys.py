"""Public SSH keys: read strictly, refused when weak, written again as exactly `type base64`.

What goes into a machine's `authorized_keys` is never what was typed: the key is decoded, checked by the cryptography
library and encoded anew, so neither options nor a second line nor a comment can come with it.
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
# above 8192 the servers of guests refuse logins: dropbear, by its buffers; OpenSSH only above 16,384
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
# control characters, line breaks among them, and the two other separators of lines
_LINE_ENDING = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that passed: `text` is its one line, without options and comment."""

    type: str
    text: str
    fingerprint: str
    bits: int


def parse(text: str) -> PublicKey:
    """Read one line of OpenSSH's public key format; its comment is dropped. Errors: `Invalid` naming `/public_key`."""
    if holds_private_key(text):
        raise _wrong("private_key", "This is a private key. Never give it away: paste the .pub file beside it.")
    line = _normalised(text)
    if len(line) > MAX_CHARS:
        raise _wrong("too_long", f"A key has at most {MAX_CHARS} characters.")
    if any(unicodedata.category(character) in _LINE_ENDING for character in line):
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


def _normalised(text: str) -> str:
    """`text` as it was meant: without invisible characters, one plain space for any blanks between its words.

    Files bring byte order marks and line breaks, web pages no-break spaces, tables tabs; comments hold anything.
    """
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf").strip()
    return " ".join(word for word in _BLANKS.split(seen) if word)


def _bits(line: str) -> int:
    key = load_ssh_public_key(line.encode())
    if isinstance(key, Ed25519PublicKey):
        return ED25519_BITS
    if isinstance(key, EllipticCurvePublicKey):
        return key.key_size
    if isinstance(key, RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            why = "weak" if key.key_size < MIN_RSA_BITS else "too_large"
            raise _wrong(
                why,
                f"An RSA key takes {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, which is what the SSH servers in machines "
                f"accept; this has {key.key_size}. Use one of that size, or an Ed25519 key.",
            )
        return key.key_size
    raise UnsupportedAlgorithm(f"{type(key).__name__} is no key for SSH")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError("/public_key", f"ssh_key_{code}", message),))
