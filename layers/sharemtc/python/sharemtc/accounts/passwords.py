"""Passwords: Argon2id, with the same cost whether or not the account exists. Parameters can change."""

from __future__ import annotations

import base64
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from sharemtc.settings import settings

MIN_CHARS, MAX_CHARS = 12, 256


@cache
def _hasher() -> PasswordHasher:
    given = settings()
    return PasswordHasher(
        time_cost=given.password_time_cost,
        memory_cost=given.password_memory_kib,
        parallelism=1,
        hash_len=32,
        salt_len=16,
    )


@cache
def _dummy_hash() -> str:
    """A well-formed hash with the current parameters that matches no known password."""
    given = settings()
    salt, digest = (base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={given.password_memory_kib},t={given.password_time_cost},p=1${salt}${digest}"


def hash_password(password: str) -> str:
    return _hasher().hash(_normalise(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. Without a hash (no account) it takes the same time and returns False."""
    try:
        return _hasher().verify(password_hash or _dummy_hash(), _normalise(password)) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher().check_needs_rehash(password_hash)


def same(password: str, other: str) -> bool:
    """Whether two texts are equal apart from case and Unicode form."""
    return _normalise(password).casefold() == _normalise(other).casefold()


def _normalise(password: str) -> str:
    # other keyboards and systems encode the same characters differently (NIST SP 800-63B, 3.1.1.2)
    return unicodedata.normalize("NFKC", password)
