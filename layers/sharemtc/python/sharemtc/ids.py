"""Identifiers: a prefix for the kind and a ULID, which sorts by time. All prefixes are defined here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sharemtc import clock
from sharemtc.wire.kinds import ID_PREFIXES, WorkloadKind

ULID = "[0-9A-HJKMNP-TV-Z]{26}"
# Crockford's base 32: a ULID is 48 bits of milliseconds and 80 random bits in 26 digits. Done here because the `ulid`
# package takes too long to import
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_CHARS = 26
_TO_BASE_32 = str.maketrans(_DIGITS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")


class IdKind(StrEnum):
    """Kinds of identifiers other than workloads; the value is the prefix."""

    USER = "usr"
    SESSION = "ses"
    ACCESS_TOKEN = "tok"  # noqa: S105
    TRUSTED_BROWSER = "brw"
    SSH_KEY = "key"
    API_KEY = "apk"
    REQUEST = "req"
    EMAIL = "mail"
    HOST = "hst"
    ENROLLMENT_CODE = "enr"
    SELF_TEST = "slf"
    COMMAND = "cmd"
    TEMPLATE = "tpl"
    QUOTE = "quo"
    ALLOCATION = "alc"
    TRANSACTION = "txn"
    EVENT = "evt"
    RISK = "rsk"
    TELEMETRY_BATCH = "bat"
    # the manufacturer's UUID
    GPU = "GPU-"


_PREFIXES: dict[IdKind | WorkloadKind, str] = dict([*((kind, kind.value) for kind in IdKind), *ID_PREFIXES.items()])
_BY_PREFIX = {prefix: kind for kind, prefix in _PREFIXES.items()}


def new_id(kind: IdKind | WorkloadKind) -> str:
    return f"{_PREFIXES[kind]}_{_ulid(clock.now_ms(), clock.random_bytes(10))}"


def id_floor(kind: IdKind | WorkloadKind, since: datetime) -> str:
    """The smallest identifier that could have been made at `since`."""
    return f"{_PREFIXES[kind]}_{_ulid(clock.to_ms(since), bytes(10))}"


def kind_of(id: str) -> IdKind | WorkloadKind | None:
    """None for text without a known prefix."""
    if id.startswith(IdKind.GPU):
        return IdKind.GPU
    prefix, underscore, _ = id.partition("_")
    return _BY_PREFIX.get(prefix) if underscore else None


def label_of(kind: IdKind | WorkloadKind) -> str:
    return kind.name.lower()


def pattern(kind: IdKind | WorkloadKind) -> str:
    return f"^{_PREFIXES[kind]}_{ULID}$"


def id_bytes(id: str) -> bytes:
    """The 16 bytes of the identifier's ULID. Errors: `ValueError`."""
    digits = id.rpartition("_")[2]
    if len(digits) != _ULID_CHARS:
        raise ValueError(f"{id!r} is not an identifier")
    return int(digits.translate(_TO_BASE_32), 32).to_bytes(16, "big")


def id_from_bytes(kind: IdKind | WorkloadKind, raw: bytes) -> str:
    """The inverse of `id_bytes`."""
    return f"{_PREFIXES[kind]}_{_ulid(int.from_bytes(raw[:6], 'big'), raw[6:])}"


def _ulid(milliseconds: int, randomness: bytes) -> str:
    number = milliseconds << 80 | int.from_bytes(randomness, "big")
    assert len(randomness) == 10
    assert 0 <= number < 1 << 128
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_ULID_CHARS - 1), -1, -5))
