"""Passwords: Argon2id, with one cost whether or not there is an account, and a new hash when the parameters change."""

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
def _nobodys_hash() -> str:
    """A well-formed hash of the parameters in force that no known password has, made without computing one."""
    given = settings()
    salt, digest = (base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={given.password_memory_kib},t={given.password_time_cost},p=1${salt}${digest}"


def hash_password(password: str) -> str:
    """The encoded Argon2id hash, with its own salt and parameters in it."""
    return _hasher().hash(_normalise(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. Without a hash (nobody has that address) it takes as long, and is not."""
    try:
        return _hasher().verify(password_hash or _nobodys_hash(), _normalise(password)) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than those in force."""
    return _hasher().check_needs_rehash(password_hash)


def same(password: str, other: str) -> bool:
    """Whether a password says no more than another text, however it is written."""
    return _normalise(password).casefold() == _normalise(other).casefold()


def _normalise(password: str) -> str:
    # the same characters typed on another keyboard or system (NIST SP 800-63B, 3.1.1.2)
    return unicodedata.normalize("NFKC", password)
