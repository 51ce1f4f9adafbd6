"""The host's key: created on the machine, never sent, never replaced automatically."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sharemtc_agent.config import ConfigError
from sharemtc_agent.files import write_whole


def ensure_key(file: Path) -> Ed25519PrivateKey:
    """Loads the key, or creates it, readable by its owner only."""
    if file.exists():
        return load_key(file)
    key = Ed25519PrivateKey.generate()
    write_whole(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    return key


def load_key(file: Path) -> Ed25519PrivateKey:
    """Errors: `ConfigError` if it is missing, readable by others, or not an Ed25519 key."""
    try:
        if sys.platform != "win32" and os.stat(file).st_mode & 0o077:
            raise ConfigError(f"{file} can be read by others: run chmod 600 on it")
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the host's key {file} cannot be read: {error}. Restore it from a backup; without one, "
            "run `sharemtc-agent uninstall --offline` and enroll this machine again"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{file} is not an Ed25519 key")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as on the wire: base64url of 32 raw bytes, without padding."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
